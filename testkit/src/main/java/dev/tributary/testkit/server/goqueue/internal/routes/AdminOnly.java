package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import java.util.concurrent.CompletableFuture;

/** Routes for administrators: for nobody, if the server asks for no keys. */
final class AdminOnly {
  private final ApiKeys keys;

  AdminOnly(ApiKeys keys) {
    this.keys = keys;
  }

  HttpRoutes.Operation only(HttpRoutes.Operation operation) {
    return call -> {
      if (!keys.asked()) {
        return refuse(401, "{\"error\": \"unauthorized\", \"message\": \"authentication required\"}");
      } else if (!keys.isAdmin(call.request())) {
        return refuse(403, "{\"error\": \"forbidden\", \"message\": \"insufficient permissions\"}");
      }
      return operation.answer(call);
    };
  }

  private static CompletableFuture<HttpReply> refuse(int status, String text) {
    return CompletableFuture.completedFuture(HttpReply.text(status, text));
  }
}
