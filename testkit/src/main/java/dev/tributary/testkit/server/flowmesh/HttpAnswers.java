package dev.tributary.testkit.server.flowmesh;

import dev.tributary.error.OverloadedException;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpReply;
import io.vertx.core.json.JsonObject;

/** What answers of many routes have. */
final class HttpAnswers {
  private HttpAnswers() {}

  /** An error as text: how most look. */
  static HttpReply of(Throwable error) {
    if (error instanceof BadRequest refused) {
      return HttpReply.text(refused.status(), refused.getMessage());
    }
    if (error instanceof OverloadedException) {
      return HttpReply.text(503, String.valueOf(error.getMessage()));
    }
    Rejection rejection = Errors.rejection(error);
    return HttpReply.text(status(rejection), rejection.getMessage());
  }

  /** An error of a stream's storage, which is JSON where all others are text. */
  static HttpReply ofStorage(Throwable error) {
    Rejection rejection = Errors.rejection(error);
    return HttpReply.json(status(rejection), new JsonObject().put("status", "error").put("message", rejection.getMessage()));
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
}
