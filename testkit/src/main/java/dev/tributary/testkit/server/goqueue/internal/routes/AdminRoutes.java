package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Administration that no server of this kind has: partitions are not added, nothing is reassigned, there are no tenants. Rules of access and
 * backups are for administrators, whom there are none of.
 */
public final class AdminRoutes {
  private static final String NO_TENANTS = "multi-tenancy not enabled";
  private static final List<String> METHODS = List.of("GET", "POST", "DELETE");
  private static final HttpReply UNAUTHORIZED =
      HttpReply.text(401, "{\"error\": \"unauthorized\", \"message\": \"authentication required\"}");
  private static final List<String> TENANT_ACTIONS = List.of("suspend", "activate", "disable");

  public void on(HttpRoutes routes) {
    dead(routes, "partition scaler not configured", "POST /admin/topics/{topic}/partitions", "GET /admin/topics/{topic}/scaling-status");
    dead(
        routes,
        "reassignment manager not configured",
        "POST /admin/reassignment",
        "GET /admin/reassignment",
        "GET /admin/reassignment/{id}",
        "DELETE /admin/reassignment/{id}");
    dead(routes, "coordinator manager not configured", "GET /admin/coordinators", "GET /admin/coordinators/groups/{group}");
    routes.onRoot("POST", "/admin/tenants", AdminRoutes::createTenant);
    routes.on("GET", "/admin/tenants/{id}/topics", AdminRoutes::topicsOfTenant);
    dead(
        routes,
        NO_TENANTS,
        "GET /admin/tenants",
        "GET /admin/tenants/",
        "GET /admin/tenants/{id}",
        "PATCH /admin/tenants/{id}",
        "DELETE /admin/tenants/{id}",
        "GET /admin/tenants/{id}/quotas",
        "PUT /admin/tenants/{id}/quotas",
        "GET /admin/tenants/{id}/usage",
        "GET /admin/tenants/{id}/stats");
    for (String pattern : List.of("/admin/acls", "/admin/acls/{index}", "/admin/backup", "/admin/backup/{id}")) {
      METHODS.forEach(method -> routes.on(method, pattern, call -> CompletableFuture.completedFuture(UNAUTHORIZED)));
    }
    TENANT_ACTIONS.forEach(action -> dead(routes, NO_TENANTS, "POST /admin/tenants/{id}/" + action));
  }

  private static void dead(HttpRoutes routes, String text, String... patterns) {
    for (String pattern : patterns) {
      int blank = pattern.indexOf(' ');
      routes.on(
          pattern.substring(0, blank),
          pattern.substring(blank + 1),
          call -> {
            throw new Refusal(503, text);
          });
    }
  }

  private static CompletableFuture<HttpReply> createTenant(HttpCall call) {
    Messages.NewTenant tenant = JsonRequest.of(call, Messages.NewTenant.class);
    if (tenant.id().isEmpty()) {
      throw Refusal.badRequest("id is required");
    } else if (tenant.name().isEmpty()) {
      throw Refusal.badRequest("name is required");
    }
    throw new Refusal(503, NO_TENANTS);
  }

  private static CompletableFuture<HttpReply> topicsOfTenant(HttpCall call) {
    return JsonReply.now(
        new JsonObject().put("tenant_id", call.variable("id")).put("topics", new JsonArray()).put("count", 0));
  }
}
