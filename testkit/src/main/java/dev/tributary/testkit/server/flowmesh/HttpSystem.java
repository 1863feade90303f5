package dev.tributary.testkit.server.flowmesh;

import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.flowmesh.proto.ReadinessCheckRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;

/** The routes that are about the server and what it has; and those that never work, as they do not in the public server. */
final class HttpSystem {
  private final Catalog catalog;
  private final HealthRpcs health;
  private final Metrics metrics;

  HttpSystem(Catalog catalog, HealthRpcs health, Metrics metrics) {
    this.catalog = catalog;
    this.health = health;
    this.metrics = metrics;
  }

  void on(HttpRoutes routes) {
    routes
        .on(HttpRoutes.ANY, "/health", this::health)
        .on(HttpRoutes.ANY, "/ready", this::ready)
        .on("GET", "/metrics", this::metrics)
        .on("GET", "/api/v1/streams/", call -> list(call, ResourceKind.STREAM, "streams"))
        .on("GET", "/api/v1/queues/", call -> list(call, ResourceKind.QUEUE, "queues"))
        .on("GET", "/api/v1/kv/", call -> list(call, ResourceKind.KEY_VALUE, "stores"))
        .on(HttpRoutes.ANY, "/api/v1/schemas/*", call -> always(400, "tenant is required"))
        .on("GET", "/ws", call -> always(500, "could not upgrade to a WebSocket"));
  }

  private static CompletableFuture<HttpReply> always(int status, String line) {
    return CompletableFuture.completedFuture(HttpReply.text(status, line));
  }

  private CompletableFuture<HttpReply> health(HttpCall call) {
    return CompletableFuture.completedFuture(HttpReply.json(new JsonObject().put("status", status(200, "ok"))));
  }

  private CompletableFuture<HttpReply> ready(HttpCall call) {
    return Steps.map(
        health.readinessCheck(ReadinessCheckRequest.getDefaultInstance(), call.deadline()),
        checked -> {
          int code = checked.getReady() ? 200 : 503;
          return HttpReply.json(
              code,
              new JsonObject().put("status", status(code, checked.getStatus().getMessage())).put("ready", checked.getReady()));
        });
  }

  private static JsonObject status(int code, String message) {
    return new JsonObject().put("code", code).put("message", message);
  }

  private CompletableFuture<HttpReply> metrics(HttpCall call) {
    return CompletableFuture.completedFuture(
        HttpReply.of(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()));
  }

  private CompletableFuture<HttpReply> list(HttpCall call, ResourceKind kind, String key) {
    String tenant = call.query("tenant");
    String namespace = call.query("namespace");
    return Steps.map(
        catalog.admin().list(kind, call.deadline()),
        all -> {
          JsonArray listed = new JsonArray();
          all.stream()
              .filter(one -> tenant == null || tenant.equals(one.name().tenant()))
              .filter(one -> namespace == null || namespace.equals(one.name().namespace()))
              .forEach(one -> listed.add(resource(one)));
          return HttpReply.json(HttpAnswers.success(key + " listed").put(key, listed));
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
}
