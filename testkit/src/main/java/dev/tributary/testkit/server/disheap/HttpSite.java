package dev.tributary.testkit.server.disheap;

import dev.tributary.error.OverloadedException;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.CompletableFuture;

/** Disheap's HTTP side: the engine's routes, and the gateway's on the same port. Both have a {@code /health}: it is the engine's. */
final class HttpSite implements HttpFront.Site {
  private final HttpRoutes engine = new HttpRoutes();
  private final Gateway gateway;

  HttpSite(HttpCluster cluster, Gateway gateway) {
    cluster.on(engine);
    this.gateway = gateway;
  }

  @Override
  public CompletableFuture<HttpReply> answer(HttpCall call) {
    return Gateway.serves(call.path()) ? gateway.answer(call) : engine.answer(call);
  }

  @Override
  public HttpReply refuse(HttpServerRequest request, Throwable error) {
    if (Gateway.serves(String.valueOf(request.path()))) {
      return Gateway.refuse(error);
    }
    return error instanceof BadRequest wrong
        ? HttpCluster.error(wrong.status(), wrong.getMessage())
        : HttpCluster.error(error instanceof OverloadedException ? 503 : 500, String.valueOf(error.getMessage()));
  }
}
