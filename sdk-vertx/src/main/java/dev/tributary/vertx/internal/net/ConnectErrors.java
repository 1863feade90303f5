package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Errors of connections that could not be made or broke. What no second try can mend is a {@code ProtocolViolationException}: the two sides do not speak
 * the same, or do not trust each other.
 */
public final class ConnectErrors {
  private static final String CODEC = "io.netty.handler.codec.";
  private static final String CLOSED_AMID = CODEC + "PrematureChannelClosureException";

  /** A peer that left or said nothing before TLS had a verdict: it may be about to stop, or to start. */
  private static final Set<String> BROKEN_HANDSHAKES =
      Set.of("io.netty.handler.ssl.StacklessSSLHandshakeException", "io.netty.handler.ssl.SslHandshakeTimeoutException");

  private final boolean tls;

  ConnectErrors(boolean tls) {
    this.tls = tls;
  }

  /** Of a connection that could not be made, so that nothing was sent. */
  public TributaryException of(Endpoint endpoint, Throwable fault) {
    ProtocolViolationException hopeless = hopeless(endpoint, fault, false);
    if (hopeless != null) {
      return hopeless;
    }
    boolean reached =
        fault instanceof IOException
            && !(fault instanceof ConnectException || fault instanceof NoRouteToHostException || fault instanceof UnknownHostException)
            && !fault.getClass().getSimpleName().startsWith("Annotated"); // So Netty calls what fails while it connects.
    if (reached || fault instanceof HttpClosedException || "Connection was closed".equals(fault.getMessage())) {
      return hungUp(endpoint, fault);
    }
    return new ConnectionFailedException(
        ErrorInfo.of("cannot connect to " + endpoint + ": " + fault.getMessage(), "Check that the server is up and reachable there")
            .causedBy(fault));
  }

  /** Of an endpoint that accepts and closes. */
  public TributaryException hungUp(Endpoint endpoint, @Nullable Throwable fault) {
    return new ConnectionFailedException(
        ErrorInfo.of(endpoint + " closed the connection before it said anything", hint()).causedBy(fault));
  }

  /** Of a connection that broke after a call was sent on it, and before its answer was complete. */
  public TributaryException broken(Endpoint endpoint, Throwable fault) {
    ProtocolViolationException hopeless = hopeless(endpoint, fault, true);
    return hopeless != null
        ? hopeless
        : new ConnectionFailedException(
            ErrorInfo.of("the connection to " + endpoint + " broke: " + fault.getMessage(), hint()).maybeApplied(true).causedBy(fault));
  }

  /** What TLS finds is told before what that looks like to the decoder around it. */
  private @Nullable ProtocolViolationException hopeless(Endpoint endpoint, Throwable fault, boolean sent) {
    Throwable verdict = null;
    Throwable strange = null;
    boolean broke = false;
    for (Throwable f = fault; f != null; f = f.getCause()) {
      String kind = f.getClass().getName();
      if (BROKEN_HANDSHAKES.contains(kind)) {
        broke = true;
      } else if (f instanceof SSLException || f instanceof GeneralSecurityException) {
        verdict = f;
      } else if (kind.startsWith(CODEC) && !kind.equals(CLOSED_AMID) || f instanceof IllegalArgumentException) {
        strange = strange == null ? f : strange;
      } else if (f instanceof IOException) {
        broke = true;
      }
    }
    if (verdict != null) {
      return broke
          ? null
          : new ProtocolViolationException(
              ErrorInfo.of(
                      "no TLS with " + endpoint + ": " + words(verdict),
                      "Check that the server speaks TLS, the authority, the host name (or set tls-server-name to one that the certificate has), and the"
                          + " client's certificate if it wants one")
                  .maybeApplied(sent)
                  .causedBy(fault));
    }
    return strange == null
        ? null
        : new ProtocolViolationException(
            ErrorInfo.of(endpoint + " does not speak HTTP as expected: " + strange.getMessage(), hint()).maybeApplied(sent).causedBy(fault));
  }

  /** What says no more than a date is put in words. */
  private static String words(Throwable verdict) {
    if (verdict instanceof CertificateExpiredException) {
      return "the certificate has expired, " + verdict.getMessage();
    }
    return verdict instanceof CertificateNotYetValidException ? "the certificate is not valid yet, " + verdict.getMessage() : String.valueOf(verdict.getMessage());
  }

  /** Of a peer that speaks HTTP, but an older one than is needed. */
  ProtocolViolationException noHttp2(Endpoint endpoint) {
    return new ProtocolViolationException(ErrorInfo.of(endpoint + " does not speak HTTP/2", "Check that host and port are those of a gRPC server"));
  }

  /** Of an endpoint that accepts and then says nothing. */
  public TributaryException silent(Endpoint endpoint, Duration waited) {
    return new ConnectionFailedException(ErrorInfo.of("nothing from " + endpoint + " within " + waited, hint()));
  }

  /** Of a connection that was given up because nothing arrives on it, and of the call that was sent on it. */
  public TributaryException dead(Endpoint endpoint) {
    return new ConnectionFailedException(
        ErrorInfo.of("nothing arrives from " + endpoint + " any more", "Check the network; try again. Raise idle-probe if answers take longer")
            .maybeApplied(true));
  }

  /** With TLS 1.3, who is refused for their certificate sees a closed connection and no more. */
  private String hint() {
    return tls
        ? "Check the port, whether the server speaks TLS there, and whether it trusts the client's certificate or wants one"
        : "Check the port, and whether the server wants TLS";
  }
}
