package dev.tributary.testkit.server.flowmesh;

import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** FlowMesh's HTTP side: its routes, its errors, and its counters. */
final class HttpSite implements HttpFront.Site {
  private static final Set<String> COLLECTIONS = Set.of("/api/v1/streams", "/api/v1/queues", "/api/v1/kv");

  private final HttpRoutes routes;
  private final Metrics metrics;

  HttpSite(HttpRoutes routes, Metrics metrics) {
    this.routes = routes;
    this.metrics = metrics;
  }

  @Override
  public CompletableFuture<HttpReply> answer(HttpCall call) {
    if (!COLLECTIONS.contains(call.path())) {
      return routes.answer(call);
    }
    String query = call.request().query();
    String location = call.path() + "/" + (query == null ? "" : "?" + query);
    return CompletableFuture.completedFuture(HttpReply.text(301, "Moved Permanently").with(Map.of("location", location)));
  }

  @Override
  public HttpReply refuse(HttpServerRequest request, Throwable error) {
    return HttpAnswers.of(error);
  }

  @Override
  public void answered(HttpServerRequest request, int status) {
    metrics.http(request.method().name(), status);
  }
}
