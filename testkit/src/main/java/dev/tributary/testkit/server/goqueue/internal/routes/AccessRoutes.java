package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Who may come in, and what they may do: the latter is kept and shown, and nobody goes by it. For administrators only. */
public final class AccessRoutes {
  private static final int MOST_RULES = 10_000;
  private static final Set<String> ROLES = Set.of("admin", "producer", "consumer", "readonly");
  private static final Set<String> RESOURCES = Set.of("topic", "group", "cluster");
  private static final Set<String> OPERATIONS = Set.of("read", "write", "create", "delete", "all");
  private static final Set<String> EFFECTS = Set.of("allow", "deny");

  private final ApiKeys keys;
  private final TimeSource time;
  private final List<JsonObject> rules = new ArrayList<>();

  public AccessRoutes(ApiKeys keys, TimeSource time) {
    this.keys = keys;
    this.time = time;
  }

  public void on(HttpRoutes routes) {
    AdminOnly admin = new AdminOnly(keys);
    routes
        .on("POST", "/admin/keys", admin.only(this::makeKey))
        .on("GET", "/admin/keys", admin.only(this::listKeys))
        .on("DELETE", "/admin/keys/{id}", admin.only(this::revokeKey))
        .on("POST", "/admin/acls", admin.only(this::addRule))
        .on("GET", "/admin/acls", admin.only(this::listRules))
        .on("DELETE", "/admin/acls/{index}", admin.only(this::deleteRule));
  }

  private CompletableFuture<HttpReply> makeKey(HttpCall call) {
    JsonBody body = JsonBody.of(call);
    String name = body.text("name");
    List<String> roles = body.texts("roles");
    String length = body.text("expires_in");
    required("name", name);
    if (roles.isEmpty()) {
      throw Refusal.badRequest("at least one role is required");
    }
    roles.forEach(role -> oneOf("role", role, ROLES));
    ApiKeys.Made made = keys.make(name, roles, expires(length));
    JsonObject json =
        new JsonObject()
            .put("id", made.known().id())
            .put("key", made.key())
            .put("prefix", made.known().prefix())
            .put("name", name)
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

  private CompletableFuture<HttpReply> addRule(HttpCall call) {
    JsonBody body = JsonBody.of(call);
    JsonObject rule = new JsonObject();
    for (String field : List.of("principal", "resource_type", "resource_name", "operation", "effect")) {
      rule.put(field, body.text(field));
    }
    required("principal", rule.getString("principal"));
    oneOf("resource_type", rule.getString("resource_type"), RESOURCES);
    required("resource_name", rule.getString("resource_name"));
    oneOf("operation", rule.getString("operation"), OPERATIONS);
    oneOf("effect", rule.getString("effect"), EFFECTS);
    synchronized (rules) {
      if (rules.size() >= MOST_RULES) {
        throw new Refusal(503, "too many ACLs");
      }
      rules.add(rule);
      return CompletableFuture.completedFuture(JsonReply.of(201, numbered(rules.size() - 1)));
    }
  }

  private JsonObject numbered(int index) {
    return new JsonObject().put("id", index).mergeIn(rules.get(index));
  }

  private CompletableFuture<HttpReply> listRules(HttpCall call) {
    JsonArray all = new JsonArray();
    synchronized (rules) {
      for (int i = 0; i < rules.size(); i++) {
        all.add(numbered(i));
      }
    }
    return JsonReply.now(new JsonObject().put("acls", all).put("count", all.size()));
  }

  private CompletableFuture<HttpReply> deleteRule(HttpCall call) {
    int index;
    try {
      index = Integer.parseInt(call.variable("index"));
    } catch (NumberFormatException other) {
      throw Refusal.badRequest("invalid ACL index");
    }
    synchronized (rules) {
      if (index < 0 || index >= rules.size()) {
        throw Refusal.notFound("ACL not found");
      }
      rules.remove(index);
    }
    return JsonReply.now(new JsonObject().put("success", true).put("message", "ACL deleted"));
  }

  private static void required(String field, String value) {
    if (value.isEmpty()) {
      throw Refusal.badRequest(field + " is required");
    }
  }

  private static void oneOf(String field, String value, Set<String> known) {
    if (!known.contains(value)) {
      throw Refusal.badRequest("invalid " + field + ": " + value);
    }
  }
}
