package dev.tributary.vertx.internal.net.http;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.vertx.internal.net.Bearer;

/** Errors of HTTP statuses as those of the SDK, where no driver knows better. */
final class HttpErrors {
  private static final int SHOWN = 200;

  private HttpErrors() {}

  /** Of an answer whose status is not one of success. */
  static TributaryException of(String path, HttpCaller.Answer answer) {
    String text = "HTTP " + answer.status() + " for " + path + ": " + shortened(answer.body().toString().strip());
    return switch (answer.status()) {
      case 400 -> new InvalidRequestException(ErrorInfo.of(text, "The server refused the request as it is"));
      case 401 -> new UnauthenticatedException(ErrorInfo.of(text, Bearer.CHECK));
      case 403 -> new PermissionDeniedException(ErrorInfo.of(text, "Ask the operator for the permission"));
      case 404 -> new NotFoundException(
          ErrorInfo.of(text, "Check the name, and that " + answer.from() + " is the server's HTTP address"));
      case 409 -> new ConflictException(ErrorInfo.of(text, "Look at the present state and decide again"));
      case 429 -> new OverloadedException(ErrorInfo.of(text, "Send less, or slower").retryAfter(answer.retryAfter()));
      case 502, 503, 504 -> new ConnectionFailedException(
          // Who says when to come back did not carry it out.
          ErrorInfo.of(text, "Try again later").maybeApplied(answer.retryAfter() == null).retryAfter(answer.retryAfter()));
      default -> answer.status() >= 500
          ? new ServerErrorException(ErrorInfo.of(text, "Look at the server's log").maybeApplied(true))
          : new ProtocolViolationException(ErrorInfo.of(text, "Check that " + answer.from() + " is the server's HTTP address"));
    };
  }

  private static String shortened(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
  }
}
