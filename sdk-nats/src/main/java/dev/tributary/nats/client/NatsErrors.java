package dev.tributary.nats.client;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.nats.wire.Answers.Failure;
import io.nats.client.AuthenticationException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What goes wrong, in the SDK's words. */
public final class NatsErrors {
  private NatsErrors() {}

  /** What JetStream means by the number of an error. */
  static TributaryException of(Failure failure) {
    String text = "error " + failure.errCode() + ": " + failure.description();
    return switch (failure.errCode()) {
      case 10_059, 10_014, 10_037, 10_043 -> new NotFoundException(
          ErrorInfo.of(text, "Create it by admin(); one that was made just now may take a moment to be known everywhere"));
      case 10_058 -> new AlreadyExistsException(ErrorInfo.of(text, "Use another name, or what is there"));
      case 10_071, 10_164 -> new ConflictException(ErrorInfo.of(text, "Read it again, and decide anew"));
      case 10_054, 10_199 -> new PayloadTooLargeException(ErrorInfo.of(text, "Send less at a time, or raise max_payload of the server"));
      case 10_026, 10_047, 10_210, 10_023, 10_077 -> new OverloadedException(ErrorInfo.of(text, "Try again later, or give the server more room"));
      case 10_008, 10_009 -> new ConnectionFailedException(ErrorInfo.of(text, "Try again in a few seconds: the cluster elects a leader"));
      case 10_165, 10_166, 10_189, 10_190, 10_191 -> new InvalidRequestException(ErrorInfo.of(text, "Give a whole number of seconds, at least one"));
      case 10_060, 10_025 -> new ProtocolViolationException(ErrorInfo.of(text, "Check that nothing else uses the names that begin with TRB-"));
      default -> new ServerErrorException(ErrorInfo.of(text, "The server's log may say more"));
    };
  }

  /** Of a connection that could not be made. */
  static TributaryException connecting(String endpoints, Throwable fault) {
    String text = "cannot connect to " + endpoints + ": " + fault.getMessage();
    for (Throwable f = fault; f != null; f = f.getCause()) {
      String said = String.valueOf(f.getMessage()).toLowerCase(Locale.ROOT);
      if (f instanceof AuthenticationException || said.contains("authorization violation") || said.contains("authentication")) {
        return refused(text);
      }
      if (f instanceof SSLException || f instanceof GeneralSecurityException) {
        return new ProtocolViolationException(
            ErrorInfo.of(text, "Check that the server speaks TLS, the authority, the host name, and the client's certificate if it wants one").causedBy(fault));
      }
    }
    return new ConnectionFailedException(ErrorInfo.of(text, "Check that the server is up and reachable there").causedBy(fault));
  }

  /** Of a client that the server does not know. */
  static TributaryException refused(String said) {
    return new UnauthenticatedException(
        ErrorInfo.of(
            said, "Check the credentials: before the @ of the URI, in TRIBUTARY_TOKEN or TRIBUTARY_USER and TRIBUTARY_PASSWORD, or nats.creds"));
  }

  /** Of a connection that ended under a request. */
  static TributaryException broken(boolean sent) {
    return new ConnectionFailedException(
        ErrorInfo.of("the connection to the server broke", "Try again; it is made anew by itself").maybeApplied(sent));
  }

  /** Of a subject that nobody listens to, while it should be. */
  static TributaryException noLeader(String stream) {
    return new ConnectionFailedException(
        ErrorInfo.of("nobody answers for " + stream, "Try again in a few seconds: the cluster elects a leader; JetStream must be enabled"));
  }

  static TributaryException closed(boolean sent) {
    return new ClientClosedException(ErrorInfo.of("the client is closed", "Make a new one with Tributary.connect").maybeApplied(sent));
  }

  static TributaryException denied(String said) {
    return new PermissionDeniedException(ErrorInfo.of(said, "Allow the user the subjects that docs/jetstream.md lists"));
  }

  static TributaryException tooOld(String version, int level) {
    return new UnsupportedFeatureException(
        ErrorInfo.of(
            "the server " + version + " has level " + level + " of the JetStream API, and level 2 is needed",
            "Use nats-server 2.12 or later: an older one drops settings without a word"));
  }

  static TributaryException noJetStream() {
    return new UnsupportedFeatureException(ErrorInfo.of("the server has no JetStream", "Start it with -js, and allow the account JetStream"));
  }

  static TributaryException silent(String stream) {
    return new ConnectionFailedException(ErrorInfo.of("nothing is heard of " + stream + " any more", "It goes on by itself when the server does"));
  }

  static TributaryException pull(String stream, String status) {
    return new ConnectionFailedException(ErrorInfo.of("a pull of " + stream + " ended: " + status, "It goes on by itself when the server does"));
  }

  static TributaryException tooLarge(long size, long most, @Nullable Throwable cause) {
    return new PayloadTooLargeException(
        ErrorInfo.of("a message of " + size + " bytes with its headers is more than the server's " + most, "Send less, or raise max_payload of the server")
            .causedBy(cause));
  }

  static TributaryException late(Duration waited) {
    return new DeadlineExceededException(ErrorInfo.of("no answer within " + waited, "Check that the server is up and reachable").maybeApplied(true));
  }

  static TributaryException unreadable(Throwable cause) {
    return new ProtocolViolationException(
        ErrorInfo.of("an answer cannot be read: " + cause.getMessage(), "Check that the server is nats-server 2.12 or later").maybeApplied(true).causedBy(cause));
  }
}
