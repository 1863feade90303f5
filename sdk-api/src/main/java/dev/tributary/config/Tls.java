package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;

/**
 * TLS to the backend. Made by {@link #builder}.
 *
 * @param ca PEM file of the authorities to trust; null for the platform's
 * @param certificate PEM file of the client's certificate for mutual TLS, or null
 * @param key PEM file of the client's private key, or null; both or neither
 * @param serverName the name that the server is asked for and that its certificate must have, or null for that of the endpoint
 * @param verifyHost whether the certificate must have the server's name
 * @param trustAll accepts any certificate: for tests only
 */
public record Tls(
    @Nullable Path ca, @Nullable Path certificate, @Nullable Path key, @Nullable String serverName, boolean verifyHost, boolean trustAll) {
  /** TLS with the platform's authorities. */
  public static final Tls PLATFORM = new Tls(null, null, null, null, true, false);

  private static final Pattern ADDRESS = Pattern.compile("[0-9.]*");

  public Tls {
    if ((certificate == null) != (key == null)) {
      throw InvalidRequestException.of("mutual TLS needs a certificate and a key, only one is set", "Set both, or neither");
    }
    serverName = serverName == null ? null : hostName(serverName);
  }

  /** As TLS sends it, which knows no addresses. */
  private static String hostName(String name) {
    try {
      if (!ADDRESS.matcher(name).matches()) {
        return new SNIHostName(name).getAsciiName();
      }
    } catch (IllegalArgumentException malformed) {
      // Said below.
    }
    throw InvalidRequestException.of(
        "the TLS server name \"" + name + "\" is not a host name", "Give a name that is in the server's certificate, without port, such as queue.example");
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
    private @Nullable String serverName;
    private boolean verifyHost;
    private boolean trustAll;

    private Builder(Tls tls) {
      ca = tls.ca;
      certificate = tls.certificate;
      key = tls.key;
      serverName = tls.serverName;
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

    /**
     * Expects a server of this name at every endpoint, where it is reached by another: through a tunnel, or by its address. It is what the server is
     * asked for (SNI, and the host of HTTP) and what its certificate must have. Null for the host of the endpoint, the default.
     *
     * @throws InvalidRequestException by {@link #build}, if it is no host name; an address is none
     */
    public Builder serverName(@Nullable String name) {
      this.serverName = name;
      return this;
    }

    /** Does not check that the certificate has the server's name. */
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
      return new Tls(ca, certificate, key, serverName, verifyHost, trustAll);
    }
  }
}
