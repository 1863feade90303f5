package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class AdminRoutesTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final EmbeddedServer guarded = EmbeddedServer.goqueue().time(time).token("root").start();
  private final JsonClient client = new JsonClient(server);
  private final JsonClient root = new JsonClient(guarded).as("Bearer root");

  @AfterEach
  void stop() {
    server.close();
    guarded.close();
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /admin/topics/orders/partitions, partition scaler not configured",
    "GET, /admin/topics/orders/scaling-status, partition scaler not configured",
    "POST, /admin/reassignment, reassignment manager not configured",
    "GET, /admin/reassignment, reassignment manager not configured",
    "GET, /admin/reassignment/1, reassignment manager not configured",
    "DELETE, /admin/reassignment/1, reassignment manager not configured",
    "GET, /admin/coordinators, coordinator manager not configured",
    "GET, /admin/coordinators/groups/g, coordinator manager not configured",
    "GET, /admin/tenants, multi-tenancy not enabled",
    "GET, /v1/admin/tenants/a, multi-tenancy not enabled",
    "PATCH, /admin/tenants/a, multi-tenancy not enabled",
    "DELETE, /admin/tenants/a, multi-tenancy not enabled",
    "POST, /admin/tenants/a/suspend, multi-tenancy not enabled",
    "POST, /admin/tenants/a/activate, multi-tenancy not enabled",
    "POST, /admin/tenants/a/disable, multi-tenancy not enabled",
    "GET, /admin/tenants/a/quotas, multi-tenancy not enabled",
    "PUT, /admin/tenants/a/quotas, multi-tenancy not enabled",
    "GET, /admin/tenants/a/usage, multi-tenancy not enabled",
    "GET, /admin/tenants/a/stats, multi-tenancy not enabled",
  })
  void hasNoneOfThis(String method, String path, String text) {
    assertThat(client.expect(503, method, path, null)).isEqualTo(new JsonObject().put("error", text).put("status", 503));
  }

  @Test
  void checksTenantsBeforeItHasNone() {
    assertThat(error(400, "POST", "/admin/tenants", new JsonObject().put("name", "a"))).isEqualTo("id is required");
    assertThat(error(400, "POST", "/admin/tenants", new JsonObject().put("id", "a"))).isEqualTo("name is required");
    assertThat(error(503, "POST", "/admin/tenants", new JsonObject().put("id", "a").put("name", "a")))
        .isEqualTo("multi-tenancy not enabled");
    assertThat(client.get("/admin/tenants/a/topics"))
        .isEqualTo(new JsonObject().put("tenant_id", "a").put("topics", new JsonArray()).put("count", 0));
    HttpResponse<String> malformed = client.send("POST", "/admin/tenants", "{");
    assertThat(malformed.statusCode()).isEqualTo(400);
    assertThat(new JsonObject(malformed.body()).getString("error")).startsWith("invalid request body: ");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /admin/keys", "GET, /admin/keys", "DELETE, /admin/keys/1", "POST, /admin/acls", "GET, /admin/acls", "DELETE, /v1/admin/acls/0",
    "POST, /admin/backup", "GET, /admin/backup/1",
  })
  void isForAdministratorsOnly(String method, String path) {
    HttpResponse<String> nobody = client.send(method, path, null);
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(nobody.body()).isEqualTo("{\"error\": \"unauthorized\", \"message\": \"authentication required\"}\n");
    assertThat(nobody.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
  }

  @Test
  void letsThoseInWhoHaveTheKey() {
    assertThat(root.get("/topics").getJsonArray("topics")).isEmpty();
    assertThat(refused(new JsonClient(guarded))).isEqualTo("no API key provided");
    assertThat(refused(new JsonClient(guarded).as("Bearer gq_made_up"))).isEqualTo("invalid API key");
  }

  private static String refused(JsonClient client) {
    HttpResponse<String> reply = client.send("GET", "/topics", null);
    assertThat(reply.statusCode()).isEqualTo(401);
    return reply.body().strip();
  }

  private String error(int status, String method, String path, JsonObject body) {
    return client.expect(status, method, path, body).getString("error");
  }
}
