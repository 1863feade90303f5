package dev.tributary.vertx.internal.net.grpc;

import dev.tributary.config.Endpoint;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.vertx.internal.net.Bearer;
import io.vertx.core.http.GoAway;
import io.vertx.core.http.StreamResetException;
import io.vertx.grpc.common.GrpcStatus;
import org.jspecify.annotations.Nullable;

/** Errors of gRPC calls as those of the SDK. Drivers extend it by what their servers mean with a status. */
public class GrpcErrors {
  private static final String HTTP2 = "io.netty.handler.codec.http2.";
  private static final int REFUSED_STREAM = 7;
  private static final int CANCEL = 8;
  private static final int ENHANCE_YOUR_CALM = 11;

  /** Of a status that the server sent, other than OK. */
  public TributaryException of(GrpcStatus status, String message) {
    String text = message.isEmpty() ? status.name() : status.name() + ": " + message;
    return switch (status) {
      case INVALID_ARGUMENT -> new InvalidRequestException(ErrorInfo.of(text, "The server refused the request as it is"));
      case NOT_FOUND -> new NotFoundException(ErrorInfo.of(text, "Check the name, and that it was created"));
      case ALREADY_EXISTS -> new AlreadyExistsException(ErrorInfo.of(text, "Use another name, or what is there"));
      case PERMISSION_DENIED -> new PermissionDeniedException(ErrorInfo.of(text, "Ask the operator for the permission"));
      case UNAUTHENTICATED -> new UnauthenticatedException(ErrorInfo.of(text, Bearer.CHECK));
      case FAILED_PRECONDITION, ABORTED -> new ConflictException(ErrorInfo.of(text, "Look at the present state and decide again"));
      case OUT_OF_RANGE -> new OffsetOutOfRangeException(ErrorInfo.of(text, "Read from an offset the stream holds"));
      case UNIMPLEMENTED -> new UnsupportedFeatureException(ErrorInfo.of(text, "The server does not have it; check its version"));
      // One status for a full server and a message too large: nothing but the text, the same in all servers of this kind, tells them apart.
      case RESOURCE_EXHAUSTED -> text.contains("larger than max")
          ? new PayloadTooLargeException(ErrorInfo.of(text, "Send less at a time"))
          : new OverloadedException(ErrorInfo.of(text, "Send less, or slower"));
      case UNAVAILABLE -> new ConnectionFailedException(
          ErrorInfo.of(text, "The server or a proxy before it is not available; try again later").maybeApplied(true));
      case DEADLINE_EXCEEDED, CANCELLED -> new DeadlineExceededException(
          ErrorInfo.of(text, "The server gave up on it; raise the timeout if this goes on").maybeApplied(true));
      case DATA_LOSS -> new ProtocolViolationException(ErrorInfo.of(text, "Data are damaged; look at the server's log").maybeApplied(true));
      default -> new ServerErrorException(ErrorInfo.of(text, "Look at the server's log").maybeApplied(true));
    };
  }

  /** Whether a server may have refused a zipped call because it is zipped: it has the same status for what it does not have at all. */
  static boolean mayRefuseGzip(TributaryException error) {
    return error instanceof UnsupportedFeatureException;
  }

  /** Of an answer that is HTTP but not gRPC: a proxy's, or something else listens there. */
  final TributaryException ofHttp(int httpStatus, String contentType) {
    String text = "the answer is HTTP " + httpStatus + " " + (contentType.isEmpty() ? "without a content type" : contentType);
    return switch (httpStatus) {
      case 401 -> new UnauthenticatedException(ErrorInfo.of(text, Bearer.CHECK));
      case 403 -> new PermissionDeniedException(ErrorInfo.of(text, "Ask the operator for the permission"));
      case 429 -> new OverloadedException(ErrorInfo.of(text, "Send less, or slower"));
      case 502, 503, 504 -> new ConnectionFailedException(
          ErrorInfo.of(text, "A proxy could not reach the server; try again later").maybeApplied(true));
      default -> new ProtocolViolationException(
          ErrorInfo.of(text, "Check that host and port are those of a gRPC server").maybeApplied(httpStatus >= 500));
    };
  }

  /**
   * Of a call whose stream or connection broke.
   *
   * @param goAway how the server announced the end of the connection, if it did; it has not looked at streams beyond those it names
   * @param stream the number of its stream; 0 if there was none, so that nothing was sent
   */
  final TributaryException ofBreak(Endpoint endpoint, Throwable fault, @Nullable GoAway goAway, int stream) {
    if (fault instanceof StreamResetException reset) {
      String text = endpoint + " reset the call with HTTP/2 code " + reset.getCode();
      return switch ((int) reset.getCode()) {
        case REFUSED_STREAM -> new ConnectionFailedException(
            ErrorInfo.of(text + " (refused)", "The server takes no more calls for now; try again").causedBy(fault));
        case ENHANCE_YOUR_CALM -> new OverloadedException(
            ErrorInfo.of(text + " (calm down)", "Send less, or slower").maybeApplied(true).causedBy(fault));
        case CANCEL -> new ConnectionFailedException(
            ErrorInfo.of(text + " (cancelled)", "The server gave up on it; try again").maybeApplied(true).causedBy(fault));
        default -> new ConnectionFailedException(
            ErrorInfo.of(text, "Look at the server's log; try again").maybeApplied(true).causedBy(fault));
      };
    }
    // Not from the fault: it has the GOAWAY with a buffer that is released by now, and throws when asked for it.
    if (goAway != null) {
      String text = endpoint + " closed the connection (GOAWAY code " + goAway.getErrorCode() + ")";
      boolean unseen = stream == 0 || stream > goAway.getLastStreamId();
      return new ConnectionFailedException(
          ErrorInfo.of(text, "The server restarts or is overloaded; try again").maybeApplied(!unseen).causedBy(fault));
    }
    // Netty refuses new streams of a connection that is on its way out: nothing was sent.
    boolean unsent = stream == 0 || fault.getClass().getName().startsWith(HTTP2);
    return new ConnectionFailedException(
        ErrorInfo.of("the connection to " + endpoint + " broke: " + fault.getMessage(), "Check the server and the network; try again")
            .maybeApplied(!unsent)
            .causedBy(fault));
  }

  /** Of a call on a connection that was given up. */
  final TributaryException ofDeadLink(Endpoint endpoint, boolean sent) {
    return new ConnectionFailedException(
        ErrorInfo.of("nothing arrives from " + endpoint + " any more", "Check the network; try again").maybeApplied(sent));
  }

  /** Of an answer larger than the client accepts. */
  final TributaryException tooLarge(long bytes, int limit) {
    return new PayloadTooLargeException(
        ErrorInfo.of("the answer has " + bytes + " bytes, more than the " + limit + " this client accepts", "Raise maxMessageBytes, or ask for less")
            .maybeApplied(true));
  }

  /** Of an answer that makes no sense. */
  final TributaryException undecodable(String what, Throwable cause) {
    return new ProtocolViolationException(
        ErrorInfo.of("DATA_LOSS: " + what, "Check that client and server speak the same protocol").maybeApplied(true).causedBy(cause));
  }

  /** Of something thrown on the way, by whom is not known: memory that runs out may be there again later, other things come again. */
  final TributaryException thrown(String what, Throwable thrown, boolean sent) {
    if (thrown instanceof TributaryException known) {
      return known;
    }
    ErrorInfo info = ErrorInfo.of(what + ": " + thrown, "The cause tells where").maybeApplied(sent).causedBy(thrown);
    return thrown instanceof VirtualMachineError ? new ConnectionFailedException(info) : new ProtocolViolationException(info);
  }

  /** Of an answer that is not complete. */
  final TributaryException incomplete(String what) {
    return new ProtocolViolationException(
        ErrorInfo.of(what, "Check that client and server speak the same protocol").maybeApplied(true));
  }
}
