package dev.tributary.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS to the backend. Made by {@link #builder}.
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
    return builder().trusting(ca).build();
  }

  /** A builder for TLS with the platform's authorities. */
  public static Builder builder() {
    return PLATFORM.toBuilder();
  }

  /** A builder that begins with everything of this. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers a {@link Tls}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Path ca;
    private @Nullable Path certificate;
    private @Nullable Path key;
    private boolean verifyHost;
    private boolean trustAll;

    private Builder(Tls tls) {
      ca = tls.ca;
      certificate = tls.certificate;
      key = tls.key;
      verifyHost = tls.verifyHost;
      trustAll = tls.trustAll;
    }

    /** Trusts the authorities of this PEM file, in place of the platform's. */
    public Builder trusting(Path ca) {
      this.ca = ca;
      return this;
    }

    /** Mutual TLS: PEM files of the client's certificate and its private key. */
    public Builder client(Path certificate, Path key) {
      this.certificate = certificate;
      this.key = key;
      return this;
    }

    /** Does not check that the certificate names the host. */
    public Builder withoutHostCheck() {
      this.verifyHost = false;
      return this;
    }

    /** Accepts any certificate: for tests only. */
    public Builder trustAll() {
      this.trustAll = true;
      return this;
    }

    /** The TLS settings. */
    public Tls build() {
      return new Tls(ca, certificate, key, verifyHost, trustAll);
    }
  }
}
