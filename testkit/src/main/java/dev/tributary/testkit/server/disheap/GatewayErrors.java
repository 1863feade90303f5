package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpReply;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Errors as the gateway tells them: a code, a message, and what is wrong with which field. */
final class GatewayErrors {
  private GatewayErrors() {}

  static HttpReply reply(Throwable error) {
    if (error instanceof BadRequest wrong) {
      String code = wrong.status() == 413 ? "RESOURCE_EXHAUSTED" : "INVALID_ARGUMENT";
      return error(wrong.status(), code, wrong.getMessage(), wrong.field(), wrong.issue());
    }
    Rejection rejection = Errors.rejection(error);
    String code = rejection.status().name();
    // There is no field to blame; clients look for the engine's code in the issue.
    return error(status(rejection), code, rejection.getMessage(), "", code + ": " + rejection.getMessage());
  }

  static HttpReply tooMany() {
    String message = "more than " + RateLimit.PER_MINUTE + " requests in a minute, or " + RateLimit.BURST + " at once";
    return error(429, "RATE_LIMIT_EXCEEDED", message, "", "try again later");
  }

  private static HttpReply error(int status, String code, String message, String field, String issue) {
    JsonArray details = new JsonArray().add(new JsonObject().put("field", field).put("issue", issue));
    return HttpReply.json(
        status,
        new JsonObject().put("error", new JsonObject().put("code", code).put("message", message).put("details", details)));
  }

  private static int status(Rejection rejection) {
    return switch (rejection.status()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case DEADLINE_EXCEEDED -> 408;
      case ALREADY_EXISTS, ABORTED -> 409;
      case FAILED_PRECONDITION -> 412;
      case RESOURCE_EXHAUSTED -> 429;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      default -> 500;
    };
  }
}
