package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The keys by which clients come in. For administrators only. */
public final class KeyRoutes {
  private static final Set<String> ROLES = Set.of("admin", "producer", "consumer", "readonly");

  private final ApiKeys keys;
  private final TimeSource time;

  public KeyRoutes(ApiKeys keys, TimeSource time) {
    this.keys = keys;
    this.time = time;
  }

  public void on(HttpRoutes routes) {
    AdminOnly admin = new AdminOnly(keys);
    routes
        .on("POST", "/admin/keys", admin.only(this::makeKey))
        .on("GET", "/admin/keys", admin.only(this::listKeys))
        .on("DELETE", "/admin/keys/{id}", admin.only(this::revokeKey));
  }

  private CompletableFuture<HttpReply> makeKey(HttpCall call) {
    Messages.NewKey key = JsonRequest.of(call, Messages.NewKey.class);
    List<String> roles = key.roles();
    if (key.name().isEmpty()) {
      throw Refusal.badRequest("name is required");
    } else if (roles.isEmpty()) {
      throw Refusal.badRequest("at least one role is required");
    }
    for (String role : roles) {
      if (!ROLES.contains(role)) {
        throw Refusal.badRequest("invalid role: " + role);
      }
    }
    ApiKeys.Made made = keys.make(key.name(), roles, expires(key.expiresIn()));
    JsonObject json =
        new JsonObject()
            .put("id", made.known().id())
            .put("key", made.key())
            .put("prefix", made.known().prefix())
            .put("name", key.name())
            .put("roles", new JsonArray(roles));
    putTime(json, "expires_at", made.known().expires());
    return CompletableFuture.completedFuture(JsonReply.of(201, json));
  }

  private @Nullable Instant expires(String length) {
    try {
      return length.isEmpty() ? null : time.now().plus(GoDuration.parse(length));
    } catch (DateTimeParseException wrong) {
      throw Refusal.badRequest("invalid expires_in: " + wrong.getMessage());
    }
  }

  private CompletableFuture<HttpReply> listKeys(HttpCall call) {
    JsonArray all = new JsonArray();
    for (ApiKeys.Known key : keys.all()) {
      JsonObject json =
          new JsonObject()
              .put("id", key.id())
              .put("name", key.name())
              .put("prefix", key.prefix())
              .put("roles", new JsonArray(key.roles()))
              .put("created_at", GoTime.seconds(key.created()));
      putTime(json, "expires_at", key.expires());
      putTime(json, "last_used_at", key.used());
      all.add(json.put("revoked", key.revoked()));
    }
    return JsonReply.now(new JsonObject().put("keys", all).put("count", all.size()));
  }

  private static void putTime(JsonObject json, String key, @Nullable Instant time) {
    if (time != null) {
      json.put(key, GoTime.seconds(time));
    }
  }

  private CompletableFuture<HttpReply> revokeKey(HttpCall call) {
    String id = call.variable("id");
    if (!keys.revoke(id)) {
      throw Refusal.notFound("API key not found");
    }
    return JsonReply.now(new JsonObject().put("success", true).put("message", "API key revoked").put("key_id", id));
  }
}
