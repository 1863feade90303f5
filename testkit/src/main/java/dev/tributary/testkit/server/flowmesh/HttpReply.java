package dev.tributary.testkit.server.flowmesh;

import io.vertx.core.json.JsonObject;

/**
 * What a route answers.
 *
 * @param status the status code
 * @param type the content type
 * @param body the body
 * @param undelivered runs if the client does not get it
 */
record HttpReply(int status, String type, String body, Runnable undelivered) {
  private static final Runnable NOTHING = () -> {};

  static HttpReply json(int status, JsonObject body) {
    return new HttpReply(status, "application/json", body.encode(), NOTHING);
  }

  static HttpReply json(JsonObject body) {
    return json(200, body);
  }

  /** One line of text: how most errors look. */
  static HttpReply text(int status, String line) {
    return new HttpReply(status, "text/plain; charset=utf-8", line + "\n", NOTHING);
  }

  /** An error as text. */
  static HttpReply of(Throwable error) {
    Rejection rejection = Rejection.of(error);
    return text(status(rejection), rejection.getMessage());
  }

  /** An error of a stream's storage, which is JSON where all others are text. */
  static HttpReply ofStorage(Throwable error) {
    Rejection rejection = Rejection.of(error);
    return json(status(rejection), new JsonObject().put("status", "error").put("message", rejection.getMessage()));
  }

  private static int status(Rejection rejection) {
    return switch (rejection.status()) {
      case NOT_FOUND -> 404;
      case INVALID_ARGUMENT, FAILED_PRECONDITION -> 400;
      default -> 500;
    };
  }

  /** The head of most bodies. */
  static JsonObject success(String message) {
    return new JsonObject().put("status", "success").put("message", message);
  }

  /** The head of bodies about retry policies and dead letters. */
  static JsonObject ok() {
    return new JsonObject().put("status", "ok");
  }

  HttpReply orElse(Runnable undelivered) {
    return new HttpReply(status, type, body, undelivered);
  }
}
