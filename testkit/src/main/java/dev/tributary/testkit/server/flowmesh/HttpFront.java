package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.flowmesh.proto.ReadinessCheckRequest;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The HTTP side: what the gRPC side cannot say, and what operators look at. */
final class HttpFront implements Handler<HttpServerRequest> {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String API = "/api/v1/";

  private final Catalog catalog;
  private final TimeSource time;
  private final HealthRpcs health;
  private final StreamRpcs streams;
  private final AtomicLong requests = new AtomicLong();

  HttpFront(
      Catalog catalog,
      TimeSource time,
      HealthRpcs health,
      StreamRpcs streams) {
    this.catalog = catalog;
    this.time = time;
    this.health = health;
    this.streams = streams;
  }

  @Override
  public void handle(HttpServerRequest request) {
    requests.incrementAndGet();
    CompletableFuture<JsonObject> answer;
    try {
      answer = route(request);
    } catch (RuntimeException refused) {
      answer = CompletableFuture.failedFuture(refused);
    }
    if (answer == null) {
      return;
    }
    Context context = Vertx.currentContext();
    CompletableFuture<JsonObject> pending = answer;
    request.response().closeHandler(gone -> pending.cancel(true));
    answer.whenComplete((json, error) -> context.runOnContext(turn -> reply(request, json, error)));
  }

  private @Nullable CompletableFuture<JsonObject> route(HttpServerRequest request) {
    String path = request.path();
    switch (path) {
      case "/health":
        return CompletableFuture.completedFuture(new JsonObject().put("status", status(200, "ok")));
      case "/ready":
        return Steps.map(
            health.readinessCheck(ReadinessCheckRequest.getDefaultInstance(), deadline()),
            ready ->
                new JsonObject()
                    .put("status", ready.getReady() ? status(200, "ready") : status(503, "not ready"))
                    .put("ready", ready.getReady()));
      case "/metrics":
        request
            .response()
            .putHeader("content-type", "text/plain; version=0.0.4")
            .end("# TYPE flowmesh_http_requests_total counter\nflowmesh_http_requests_total " + requests + "\n");
        return null;
      case API + "streams", API + "queues", API + "kv":
        request.response().setStatusCode(301).putHeader("location", path + "/").end();
        return null;
      case API + "streams/":
        return resources(request, ResourceKind.STREAM, "streams");
      case API + "queues/":
        return resources(request, ResourceKind.QUEUE, "queues");
      case API + "kv/":
        return resources(request, ResourceKind.KEY_VALUE, "stores");
      default:
        return streamRoute(path);
    }
  }

  private CompletableFuture<JsonObject> streamRoute(String path) {
    String[] parts = path.split("/", -1);
    if (parts.length == 8 && path.startsWith(API + "streams/") && parts[7].equals("consumer-groups")) {
      ResourceName stream = Catalog.name(decode(parts[4]), decode(parts[5]), decode(parts[6]));
      return Steps.then(
          streams.groups(stream, deadline()),
          groups -> groups(stream, groups, 0, new JsonArray()));
    }
    throw Rejection.notFound("not found");
  }

  private CompletableFuture<JsonObject> groups(ResourceName stream, List<String> groups, int at, JsonArray listed) {
    if (at == groups.size()) {
      return CompletableFuture.completedFuture(success("consumer groups listed").put("consumer_groups", listed));
    }
    return Steps.then(
        streams.state(stream, groups.get(at), 0, deadline()),
        state -> {
          listed.add(
              new JsonObject()
                  .put("group", state.getGroup())
                  .put("partition", state.getPartition())
                  .put("committed_offset", state.getCommittedOffset())
                  .put("latest_offset", state.getLatestOffset())
                  .put("lag", state.getLag()));
          return groups(stream, groups, at + 1, listed);
        });
  }

  private CompletableFuture<JsonObject> resources(HttpServerRequest request, ResourceKind kind, String key) {
    String tenant = request.getParam("tenant");
    String namespace = request.getParam("namespace");
    return Steps.map(
        catalog.admin().list(kind, deadline()),
        all -> {
          JsonArray listed = new JsonArray();
          all.stream()
              .filter(one -> tenant == null || tenant.isEmpty() || tenant.equals(one.name().tenant()))
              .filter(one -> namespace == null || namespace.isEmpty() || namespace.equals(one.name().namespace()))
              .forEach(one -> listed.add(resource(one)));
          return success(key + " listed").put(key, listed);
        });
  }

  private static JsonObject resource(ResourceInfo info) {
    String created = info.createdAt() == null ? "1970-01-01T00:00:00Z" : info.createdAt().toString();
    return new JsonObject()
        .put("tenant", info.name().tenant())
        .put("namespace", info.name().namespace())
        .put("name", info.name().name())
        .put("type", Catalog.type(info.kind()))
        .put("partitions", info.partitions())
        .put("retention", new JsonObject())
        .put("created_at", created)
        .put("updated_at", created);
  }

  private static void reply(HttpServerRequest request, @Nullable JsonObject json, @Nullable Throwable error) {
    if (request.response().closed() || request.response().ended()) {
      return;
    }
    if (error == null && json != null) {
      Object ready = json.getValue("ready");
      request
          .response()
          .setStatusCode(Boolean.FALSE.equals(ready) ? 503 : 200)
          .putHeader("content-type", "application/json")
          .end(json.encode());
      return;
    }
    Rejection rejection = Rejection.of(error == null ? new IllegalStateException("no answer") : Steps.unwrap(error));
    int code =
        switch (rejection.status()) {
          case NOT_FOUND -> 404;
          case INVALID_ARGUMENT, FAILED_PRECONDITION -> 400;
          default -> 500;
        };
    request.response().setStatusCode(code).putHeader("content-type", "text/plain; charset=utf-8").end(rejection.getMessage() + "\n");
  }

  private Deadline deadline() {
    return Deadline.after(time, TIMEOUT);
  }

  private static JsonObject success(String message) {
    return new JsonObject().put("status", "success").put("message", message);
  }

  private static JsonObject status(int code, String message) {
    return new JsonObject().put("code", code).put("message", message);
  }

  private static String decode(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
