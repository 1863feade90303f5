package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.vertx.internal.goqueue.wire.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;

/** Answers in JSON as GoQueue writes it: safe inside of HTML, and with a line's end. */
public final class JsonReply {
  private JsonReply() {}

  static HttpReply of(int status, JsonObject body) {
    return reply(status, body.encode());
  }

  static HttpReply ok(JsonObject body) {
    return of(200, body);
  }

  static HttpReply ok(JsonArray body) {
    return reply(200, body.encode());
  }

  /** A record of the wire. */
  static HttpReply message(Object message) {
    return reply(200, Json.write(message).toString());
  }

  /** What is known without asking anybody. */
  static CompletableFuture<HttpReply> now(JsonObject body) {
    return CompletableFuture.completedFuture(ok(body));
  }

  /** What a route says of a request that it does not serve. */
  public static HttpReply error(int status, String text) {
    return of(status, new JsonObject().put("error", text).put("status", status));
  }

  private static HttpReply reply(int status, String json) {
    // Outside of strings JSON has none of these.
    String safe =
        json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
    return HttpReply.of(status, "application/json", safe + "\n");
  }
}
