package dev.tributary.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS to the backend.
 *
 * @param ca PEM file of the authorities to trust; null for the platform's
 * @param certificate PEM file of the client's certificate for mutual TLS, or null
 * @param key PEM file of the client's private key, or null; both or neither
 * @param verifyHost whether the certificate must name the host
 * @param trustAll accepts any certificate: for tests only
 */
public record Tls(@Nullable Path ca, @Nullable Path certificate, @Nullable Path key, boolean verifyHost, boolean trustAll) {
  /** TLS with the platform's authorities. */
  public static final Tls PLATFORM = new Tls(null, null, null, true, false);

  public Tls {
    if ((certificate == null) != (key == null)) {
      throw dev.tributary.error.InvalidRequestException.of(
          "mutual TLS needs a certificate and a key, only one is set", "Set both, or neither");
    }
  }

  /** TLS that trusts the authorities of this PEM file. */
  public static Tls trusting(Path ca) {
    return new Tls(ca, null, null, true, false);
  }

  /** The same with a client certificate. */
  public Tls withClient(Path certificate, Path key) {
    return new Tls(ca, certificate, key, verifyHost, trustAll);
  }

  /** The same without checking that the certificate names the host. */
  public Tls withoutHostCheck() {
    return new Tls(ca, certificate, key, false, trustAll);
  }
}
