package dev.tributary.testkit.server.flowmesh;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The HTTP side: takes requests with their bodies, finds their routes, writes what these answer. */
final class HttpFront implements Handler<HttpServerRequest> {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int MAX_BODY_BYTES = 16 << 20;
  private static final Set<String> COLLECTIONS = Set.of("/api/v1/streams", "/api/v1/queues", "/api/v1/kv");

  private final HttpRoutes routes;
  private final Metrics metrics;
  private final TimeSource time;

  HttpFront(HttpRoutes routes, Metrics metrics, TimeSource time) {
    this.routes = routes;
    this.metrics = metrics;
    this.time = time;
  }

  @Override
  public void handle(HttpServerRequest request) {
    Context context = Vertx.currentContext();
    Buffer body = Buffer.buffer();
    request.handler(
        chunk -> {
          if (body.length() + chunk.length() <= MAX_BODY_BYTES) {
            body.appendBuffer(chunk);
          } else if (!request.response().ended()) {
            request.response().putHeader("connection", "close");
            write(request, HttpReply.text(413, "the body is larger than " + MAX_BODY_BYTES + " bytes"));
          }
        });
    request.endHandler(end -> complete(request, body, context));
  }

  private void complete(HttpServerRequest request, Buffer body, Context context) {
    if (request.response().ended()) {
      return;
    }
    CompletableFuture<HttpReply> answer;
    try {
      answer = route(request, body);
    } catch (RuntimeException refused) {
      answer = CompletableFuture.completedFuture(HttpReply.of(refused));
    }
    CompletableFuture<HttpReply> pending = answer;
    request.response().closeHandler(gone -> pending.cancel(true));
    answer.whenComplete(
        (reply, error) ->
            context.runOnContext(turn -> write(request, reply != null && error == null ? reply : HttpReply.of(failure(error)))));
  }

  private static Throwable failure(@Nullable Throwable error) {
    return error == null ? new IllegalStateException("no answer") : Steps.unwrap(error);
  }

  private CompletableFuture<HttpReply> route(HttpServerRequest request, Buffer body) {
    String path = decode(request.path());
    if (COLLECTIONS.contains(path)) {
      String query = request.query();
      request.response().putHeader("location", path + "/" + (query == null ? "" : "?" + query));
      return CompletableFuture.completedFuture(HttpReply.text(301, "Moved Permanently"));
    }
    HttpRoutes.Match match = routes.find(request.method().name(), path);
    if (match == null) {
      throw Rejection.notFound("404 page not found");
    }
    return match.operation().answer(new HttpCall(request, match.variables(), body, Deadline.after(time, TIMEOUT)));
  }

  private static String decode(String path) {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw Rejection.invalid("the path is not well encoded");
    }
  }

  private void write(HttpServerRequest request, HttpReply reply) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      reply.undelivered().run();
      return;
    }
    metrics.http(request.method().name(), reply.status());
    response.setStatusCode(reply.status()).putHeader("content-type", reply.type());
    boolean bodiless = request.method().name().equals("HEAD");
    (bodiless ? response.end() : response.end(reply.body())).onFailure(lost -> reply.undelivered().run());
  }
}
