package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.Json;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.net.Bearer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What GoQueue means by a status. It says 500 for much that is the caller's to know, so that the text is looked at. */
final class GoQueueErrors {
  private static final String LOG = "Look at the server's log";

  private GoQueueErrors() {}

  /**
   * The error of an answer.
   *
   * @param body what it says: JSON, or plain text where it comes from before the routes
   * @param retryAfter how long it asks to wait, if it does
   */
  static TributaryException of(int status, String body, @Nullable Duration retryAfter) {
    String text = text(body);
    String message = "HTTP " + status + (text.isEmpty() ? "" : ": " + BadAnswer.shortened(text));
    return switch (status) {
      case 400 -> refused(text, message);
      case 401 -> new UnauthenticatedException(ErrorInfo.of(message, Bearer.CHECK));
      case 403 -> forbidden(text, message);
      case 404 -> new NotFoundException(ErrorInfo.of(message, missing(text)));
      case 409 -> conflict(text, message);
      case 422 -> new SchemaRejectedException(ErrorInfo.of(message, "Give a JSON Schema; this server knows a part of that language"));
      case 429 -> new OverloadedException(
          ErrorInfo.of(message, "Publish in batches: the server counts requests").retryAfter(retryAfter));
      case 500 -> failed(text, message);
      case 502, 504 -> new ConnectionFailedException(
          ErrorInfo.of(message, "Check the proxy before the server").maybeApplied(true));
      case 503 -> unavailable(text, message, retryAfter);
      default -> status / 100 == 5
          ? new ServerErrorException(ErrorInfo.of(message, LOG).maybeApplied(true))
          : new ProtocolViolationException(ErrorInfo.of(message, "Check that a GoQueue server is there"));
    };
  }

  /** The error of one message in an answer that is a success as a whole: nothing of it was stored. */
  static TributaryException ofMessage(String text) {
    if (text.startsWith("invalid partition") || text.startsWith("invalid priority") || text.startsWith("invalid d")) {
      return new InvalidRequestException(ErrorInfo.of(text, "Change the message"));
    }
    if (text.startsWith("delay ")) {
      return new InvalidRequestException(ErrorInfo.of(text, "Give a shorter delay"));
    }
    if (text.contains("exceeds maximum size")) {
      return new PayloadTooLargeException(ErrorInfo.of(text, "Shorten the key: it may have 65,535 bytes"));
    }
    if (text.contains("leader")) {
      return new ConnectionFailedException(ErrorInfo.of(text, "The partition is led elsewhere: name that node as the endpoint").maybeApplied(true));
    }
    return new ServerErrorException(ErrorInfo.of(text, LOG).maybeApplied(true));
  }

  private static TributaryException refused(String text, String message) {
    if (text.contains("request body too large")) {
      return new PayloadTooLargeException(ErrorInfo.of(message, "A request may have 1 MiB"));
    }
    if (text.startsWith("sequence check failed")) {
      return new ConflictException(ErrorInfo.of(message, "Another producer uses this transactional id"));
    }
    return new InvalidRequestException(ErrorInfo.of(message, "The server refused the request as it is"));
  }

  private static TributaryException forbidden(String text, String message) {
    return text.contains("not assigned")
        ? new ConflictException(ErrorInfo.of(message, "Another member of the group has this partition now"))
        : new PermissionDeniedException(ErrorInfo.of(message, "Ask the operator for a key with the role"));
  }

  private static String missing(String text) {
    if (text.startsWith("topic not found")) {
      return "Create it first; GoQueue makes no topic by itself";
    }
    if (text.startsWith("group") || text.startsWith("member")) {
      return "The group or its member is gone, as after a restart of the server";
    }
    return "Check the name, and that a GoQueue server is there";
  }

  private static TributaryException conflict(String text, String message) {
    if (text.contains("already exists")) {
      return new AlreadyExistsException(ErrorInfo.of(message, "Use the one that is there, or another name"));
    }
    if (text.contains("incompatible")) {
      return new SchemaRejectedException(ErrorInfo.of(message, "Keep to what the compatibility of the subject allows, or change that"));
    }
    if (text.contains("fenced") || text.contains("producer epoch")) {
      return new ConflictException(ErrorInfo.of(message, "A newer producer of the same transactional id took over"));
    }
    return new ConflictException(ErrorInfo.of(message, "Look at the present state, and try again"));
  }

  private static TributaryException failed(String text, String message) {
    if (text.contains("receipt handle")) {
      return new LeaseLostException(ErrorInfo.of(message, "The lease ended, or the job was settled already"));
    }
    if (text.contains("invalid transaction state")) {
      return new ConflictException(ErrorInfo.of(message, "The transaction is over: it took too long, or was ended by another"));
    }
    if (text.contains("unknown producer ID") || text.contains("invalid producer epoch")) {
      return new ConflictException(ErrorInfo.of(message, "The server does not know this producer any more: begin anew"));
    }
    if (text.contains("invalid partition")) {
      return new InvalidRequestException(ErrorInfo.of(message, "Look at how many partitions the topic has"));
    }
    if (text.contains("topic not found")) {
      return new NotFoundException(ErrorInfo.of(message, missing("topic not found")));
    }
    if (text.endsWith("is dead")) {
      return new ConflictException(
          ErrorInfo.of(message, "The group was deleted: the server takes no cooperative members for it any more, only eager ones"));
    }
    return new ServerErrorException(ErrorInfo.of(message, LOG).maybeApplied(true));
  }

  private static TributaryException unavailable(String text, String message, @Nullable Duration retryAfter) {
    if (text.endsWith("not configured") || text.endsWith("not enabled")) {
      return new UnsupportedFeatureException(ErrorInfo.of(message, "This server was built without it"));
    }
    // Said before anything is done.
    return new ConnectionFailedException(ErrorInfo.of(message, "Try again later, or at another node").retryAfter(retryAfter));
  }

  /** The text in an error's body. */
  private static String text(String body) {
    if (body.startsWith("{")) {
      try {
        return Json.read(body.getBytes(StandardCharsets.UTF_8), Messages.Problem.class).error();
      } catch (ProtocolViolationException isNone) {
        return body.strip();
      }
    }
    return body.strip();
  }
}
