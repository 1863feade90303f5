package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
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
    "POST, /admin/keys, 403", "GET, /admin/keys, 403", "DELETE, /admin/keys/1, 403",
    "POST, /admin/acls, 401", "GET, /admin/acls, 401", "DELETE, /v1/admin/acls/0, 401", "POST, /admin/backup, 401", "GET, /admin/backup/1, 401",
  })
  void isForAdministratorsOnly(String method, String path, int withoutTheRole) {
    HttpResponse<String> nobody = client.send(method, path, null);
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(nobody.body()).isEqualTo("{\"error\": \"unauthorized\", \"message\": \"authentication required\"}\n");
    assertThat(nobody.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
    JsonObject key = make("reader", "readonly", "");
    HttpResponse<String> reader = as(key).send(method, path, null);
    assertThat(reader.statusCode()).isEqualTo(withoutTheRole);
    if (withoutTheRole == 403) {
      assertThat(reader.body()).isEqualTo("{\"error\": \"forbidden\", \"message\": \"insufficient permissions\"}\n");
    }
    assertThat(reader.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
  }

  @Test
  void makesKeysThatLetClientsIn() {
    JsonObject key = make("worker", "consumer", "");
    assertThat(key.getString("key")).matches("gq_[0-9a-f]{64}");
    assertThat(key.getString("id")).matches("key_[0-9a-f]{16}");
    assertThat(key.getString("prefix")).isEqualTo(key.getString("key").substring(0, 11));
    assertThat(key.fieldNames()).containsExactly("id", "key", "prefix", "name", "roles");
    as(key).expect(201, "POST", "/topics", new JsonObject().put("name", "orders"));
    JsonObject listed = root.get("/admin/keys");
    assertThat(listed.getInteger("count")).isEqualTo(1);
    assertThat(listed.getJsonArray("keys").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("id", key.getString("id"))
                .put("name", "worker")
                .put("prefix", key.getString("prefix"))
                .put("roles", new JsonArray().add("consumer"))
                .put("created_at", "2030-01-01T00:00:00Z")
                .put("last_used_at", "2030-01-01T00:00:00Z")
                .put("revoked", false));
    assertThat(as(make("boss", "admin", "")).get("/admin/keys").getInteger("count")).isEqualTo(2);
  }

  @Test
  void endsKeys() {
    JsonObject revoked = make("worker", "consumer", "");
    String id = revoked.getString("id");
    assertThat(root.expect(200, "DELETE", "/admin/keys/" + id, null))
        .isEqualTo(new JsonObject().put("success", true).put("message", "API key revoked").put("key_id", id));
    assertThat(refused(revoked)).isEqualTo("API key has been revoked");
    JsonObject brief = make("brief", "producer", "1h30m");
    assertThat(brief.getString("expires_at")).isEqualTo("2030-01-01T01:30:00Z");
    time.advance(Duration.ofMinutes(89));
    assertThat(as(brief).send("GET", "/topics", null).statusCode()).isEqualTo(200);
    time.advance(Duration.ofMinutes(1));
    assertThat(refused(brief)).isEqualTo("API key has expired");
    assertThat(refused(new JsonObject().put("key", "gq_made_up"))).isEqualTo("invalid API key");
    assertThat(new JsonClient(guarded).send("GET", "/topics", null).body()).isEqualTo("no API key provided\n");
    assertThat(root.send("DELETE", "/admin/keys/none", null).statusCode()).isEqualTo(404);
  }

  private String refused(JsonObject key) {
    HttpResponse<String> reply = as(key).send("GET", "/topics", null);
    assertThat(reply.statusCode()).isEqualTo(401);
    return reply.body().strip();
  }

  @Test
  void refusesKeysOfNoUse() {
    JsonObject complete = new JsonObject().put("name", "a").put("roles", new JsonArray().add("admin"));
    assertThat(keyError(complete.copy().put("name", ""))).isEqualTo("name is required");
    assertThat(keyError(complete.copy().put("roles", new JsonArray()))).isEqualTo("at least one role is required");
    assertThat(keyError(complete.copy().put("roles", new JsonArray().add("king")))).isEqualTo("invalid role: king");
    assertThat(keyError(complete.copy().put("expires_in", "10"))).startsWith("invalid expires_in: ");
    assertThat(keyError(complete.copy().put("roles", "admin"))).startsWith("invalid request body: ");
  }

  private String keyError(JsonObject body) {
    return root.expect(400, "POST", "/admin/keys", body).getString("error");
  }

  private JsonObject make(String name, String role, String expiresIn) {
    JsonObject body = new JsonObject().put("name", name).put("roles", new JsonArray().add(role)).put("expires_in", expiresIn);
    return root.expect(201, "POST", "/admin/keys", body);
  }

  private JsonClient as(JsonObject key) {
    return new JsonClient(guarded).as("Bearer " + key.getString("key"));
  }

  private String error(int status, String method, String path, JsonObject body) {
    return client.expect(status, method, path, body).getString("error");
  }
}
