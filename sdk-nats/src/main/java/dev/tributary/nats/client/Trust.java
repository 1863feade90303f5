package dev.tributary.nats.client;

import dev.tributary.config.Tls;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** What the configuration says of TLS, as the JDK takes it. */
final class Trust {
  private static final char[] NO_PASSWORD = new char[0];

  private Trust() {}

  static SSLContext context(Tls tls, Consumer<CertificateException> refused) {
    if (tls.serverName() != null) {
      throw InvalidRequestException.of("tls-server-name cannot be said by the NATS client", "Use a host name that is in the server's certificate");
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(tls), new TrustManager[] {trusting(tls, refused)}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException | IOException unusable) {
      throw new InvalidRequestException(ErrorInfo.of("the TLS settings cannot be used: " + unusable.getMessage(), "Check the PEM files").causedBy(unusable));
    }
  }

  private static KeyManager @Nullable [] keys(Tls tls) throws GeneralSecurityException, IOException {
    if (tls.certificate() == null || tls.key() == null) {
      return null;
    }
    KeyStore store = empty();
    store.setKeyEntry("client", key(tls.key()), NO_PASSWORD, certificates("certificate", tls.certificate()).toArray(Certificate[]::new));
    KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static TrustManager trusting(Tls tls, Consumer<CertificateException> refused) throws GeneralSecurityException, IOException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore store = null;
    if (tls.ca() != null) {
      store = empty();
      int count = 0;
      for (Certificate authority : certificates("ca", tls.ca())) {
        store.setCertificateEntry("ca-" + count++, authority);
      }
    }
    factory.init(store);
    return new Checked((X509ExtendedTrustManager) factory.getTrustManagers()[0], tls.verifyHost(), tls.trustAll(), refused);
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(String what, Path file) {
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
      if (!found.isEmpty()) {
        return found;
      }
    } catch (IOException unreadable) {
      throw new InvalidRequestException(
          ErrorInfo.of("cannot read the TLS " + what + " file " + file, "Check its path and permissions").causedBy(unreadable));
    } catch (CertificateException malformed) {
      throw new InvalidRequestException(
          ErrorInfo.of("the TLS " + what + " file " + file + " is not a certificate in PEM form", "Give a PEM file").causedBy(malformed));
    }
    throw InvalidRequestException.of("the TLS " + what + " file " + file + " holds no certificate", "Give a PEM file");
  }

  private static PrivateKey key(Path file) throws GeneralSecurityException {
    byte[] der;
    try {
      String pem = Files.readString(file, StandardCharsets.ISO_8859_1);
      der = Base64.getMimeDecoder().decode(pem.replaceAll("(?s).*-----BEGIN PRIVATE KEY-----", "").replaceAll("(?s)-----END.*", ""));
    } catch (IOException unreadable) {
      throw new InvalidRequestException(ErrorInfo.of("cannot read the TLS key file " + file, "Check its path and permissions").causedBy(unreadable));
    } catch (IllegalArgumentException malformed) {
      throw InvalidRequestException.of("the TLS key file " + file + " is not a private key in PEM form", "Give an unencrypted PKCS #8 file");
    }
    for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException other) {
        // One of the next kind, or of none.
      }
    }
    throw InvalidRequestException.of("the TLS key file " + file + " is not a private key in PEM form", "Give an unencrypted PKCS #8 file");
  }

  /** The library asks for no host name, so that it is asked for here, and does not say what was wrong with a certificate. */
  private static final class Checked extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager authorities;
    private final boolean host;
    private final boolean everybody;
    private final Consumer<CertificateException> refused;

    Checked(X509ExtendedTrustManager authorities, boolean host, boolean everybody, Consumer<CertificateException> refused) {
      this.authorities = authorities;
      this.host = host;
      this.everybody = everybody;
      this.refused = refused;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
      if (everybody) {
        return;
      }
      if (host && socket instanceof SSLSocket secured) {
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
      }
      try {
        authorities.checkServerTrusted(chain, kind, socket);
      } catch (CertificateException untrusted) {
        refused.accept(untrusted);
        throw untrusted;
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
      authorities.checkServerTrusted(chain, kind, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
      authorities.checkServerTrusted(chain, kind);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
      authorities.checkClientTrusted(chain, kind, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
      authorities.checkClientTrusted(chain, kind, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
      authorities.checkClientTrusted(chain, kind);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return authorities.getAcceptedIssuers();
    }
  }
}
