package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.Tokens;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The REST gateway: who may ask how often, and which route serves what. */
final class Gateway {
  private static final Map<String, String> ANY_ORIGIN = Map.of("access-control-allow-origin", "*");
  private static final Map<String, String> ANY_REQUEST =
      Map.of(
          "access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS",
          "access-control-allow-headers", "Authorization, Content-Type",
          "access-control-max-age", "86400");

  private final Tokens tokens;
  private final @Nullable RateLimit limit;
  private final HttpRoutes routes = new HttpRoutes();

  Gateway(LocalCalls rpcs, Heaps registry, ServerOptions options) {
    this.tokens = new Tokens(options.tokens());
    this.limit = options.rateLimited() ? new RateLimit(options.time()) : null;
    GatewayStats stats = new GatewayStats(rpcs, options);
    GatewayHeaps heaps = new GatewayHeaps(rpcs, registry, stats);
    GatewayMessages messages = new GatewayMessages(rpcs);
    routes.on("GET", "/ready", stats::ready);
    routes.on("GET", "/v1/health/stats", stats::health);
    guarded("GET", "/v1/stats", stats::all);
    guarded("GET", "/v1/stats/{topic}", stats::of);
    guarded("POST", "/v1/heaps", heaps::create);
    guarded("GET", "/v1/heaps", heaps::list);
    guarded("GET", "/v1/heaps/{topic}", heaps::get);
    guarded("PATCH", "/v1/heaps/{topic}", heaps::change);
    guarded("DELETE", "/v1/heaps/{topic}", heaps::delete);
    guarded("POST", "/v1/heaps/{topic}/purge", heaps::purge);
    guarded("POST", "/v1/enqueue", messages::enqueue);
    guarded("POST", "/v1/enqueue/batch", messages::enqueueBatch);
    guarded("POST", "/v1/ack", messages::ack);
    guarded("POST", "/v1/nack", messages::nack);
    guarded("POST", "/v1/extend", messages::extend);
    guarded("GET", "/v1/peek/{topic}", messages::peek);
  }

  private void guarded(String method, String pattern, HttpRoutes.Operation operation) {
    routes.on(
        method,
        pattern,
        call -> {
          Rejection refused = tokens.refuse(call.request().getHeader("authorization"));
          return refused == null ? operation.answer(call) : CompletableFuture.failedFuture(refused);
        });
  }

  /** Whether a path is the gateway's, or the engine's. */
  static boolean serves(String path) {
    return path.equals("/ready") || path.equals("/v1") || path.startsWith("/v1/");
  }

  CompletableFuture<HttpReply> answer(HttpCall call) {
    if (call.method().equals("OPTIONS")) {
      return CompletableFuture.completedFuture(HttpReply.of(204, "text/plain", "").with(ANY_ORIGIN).with(ANY_REQUEST));
    }
    Map<String, String> headers = new HashMap<>(ANY_ORIGIN);
    if (limit != null) {
      RateLimit.Turn turn = limit.take(call.client());
      headers.put("x-ratelimit-limit", Integer.toString(RateLimit.PER_MINUTE));
      headers.put("x-ratelimit-remaining", Integer.toString(turn.remaining()));
      headers.put("x-ratelimit-reset", Long.toString(turn.full().getEpochSecond()));
      if (!turn.granted()) {
        headers.put("retry-after", "1");
        return CompletableFuture.completedFuture(GatewayErrors.tooMany().with(headers));
      }
    }
    CompletableFuture<HttpReply> answer;
    try {
      answer = routes.answer(call);
    } catch (RuntimeException refused) {
      answer = CompletableFuture.failedFuture(refused);
    }
    return Steps.map(
        Steps.otherwise(answer, error -> CompletableFuture.completedFuture(GatewayErrors.reply(error))), reply -> reply.with(headers));
  }

  /** What is answered to a request that did not get as far as a route. */
  static HttpReply refuse(Throwable error) {
    return GatewayErrors.reply(error).with(ANY_ORIGIN);
  }
}
