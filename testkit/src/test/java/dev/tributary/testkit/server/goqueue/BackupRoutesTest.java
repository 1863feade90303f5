package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.StreamTransport;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.server.goqueue.internal.schemas.Backups;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BackupRoutesTest {
  private static final ResourceName ORDERS = new ResourceName("default", "default", "orders");

  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).token("root").start();
  private final JsonClient client = new JsonClient(server).as("Bearer root");

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void restoresWhatIsSaidOfMessages() {
    prepare();
    HttpResponse<String> made = client.send("POST", "/admin/backup", null);
    assertThat(new JsonObject(made.body()))
        .isEqualTo(
            new JsonObject()
                .put("backup_id", "backup-1")
                .put("timestamp", "2030-01-01T00:00:00Z")
                .put("broker_id", "embedded")
                .put("cluster_id", "")
                .put("stats", stats(1, 1, 1, 1)));
    assertThat(error(409, "POST", "/admin/backup/backup-1/restore", new JsonObject())).isEqualTo("topic already exists: orders");
    JsonObject kept = client.post("/admin/backup/backup-1/restore", new JsonObject().put("skip_existing", true));
    assertThat(kept.getInteger("topics_created")).isZero();
    client.expect(200, "DELETE", "/topics/orders", null);
    client.send("DELETE", "/schemas/subjects/orders", null);
    client.expect(200, "PUT", "/schemas/config", new JsonObject().put("compatibility", "NONE"));
    JsonObject restored = client.expect(200, "POST", "/admin/backup/backup-1/restore", null);
    assertThat(restored)
        .isEqualTo(new JsonObject().put("success", true).put("backup_id", "backup-1").put("topics_created", 1));
    assertThat(client.get("/topics").getJsonArray("topics")).isEqualTo(new JsonArray().add("orders"));
    assertThat(client.get("/schemas/config").getString("compatibility")).isEqualTo("FULL");
    assertThat(client.get("/schemas/subjects/orders/versions/latest").getString("schema")).isEqualTo("{}");
    assertThat(streams().committed(ORDERS, "g", 1, deadline()).join()).hasValue(7);
  }

  @Test
  void takesWhatIsAskedFor() {
    prepare();
    assertThat(client.post("/admin/backup", new JsonObject()).getJsonObject("stats")).isEqualTo(stats(0, 0, 0, 0));
    JsonObject some = new JsonObject().put("include_topics", true).put("include_schemas", true);
    assertThat(client.post("/admin/backup", some).getJsonObject("stats")).isEqualTo(stats(1, 0, 1, 0));
    assertThat(client.get("/admin/backup").getInteger("count")).isEqualTo(2);
    assertThat(client.get("/admin/backup/backup-2").getJsonObject("stats")).isEqualTo(stats(1, 0, 1, 0));
    client.expect(200, "DELETE", "/admin/backup/backup-2", null);
    for (String method : new String[] {"GET", "DELETE"}) {
      assertThat(error(404, method, "/admin/backup/backup-2", null)).isEqualTo("backup not found");
    }
    assertThat(error(404, "POST", "/admin/backup/backup-2/restore", null)).isEqualTo("backup not found");
  }

  @Test
  void keepsNotTooMany() {
    for (int i = 0; i <= Backups.MOST; i++) {
      client.post("/admin/backup", new JsonObject());
    }
    assertThat(client.get("/admin/backup").getInteger("count")).isEqualTo(Backups.MOST);
    assertThat(error(404, "GET", "/admin/backup/backup-1", null)).isEqualTo("backup not found");
  }

  @Test
  void isForAdministratorsOnly() {
    for (String route : new String[] {"POST /admin/backup", "GET /admin/backup/a", "POST /admin/backup/a/restore"}) {
      String[] parts = route.split(" ");
      assertThat(new JsonClient(server).send(parts[0], parts[1], null).body()).isEqualTo("no API key provided\n");
      JsonObject reader = new JsonObject().put("name", "r").put("roles", new JsonArray().add("readonly"));
      String key = client.expect(201, "POST", "/admin/keys", reader).getString("key");
      assertThat(new JsonClient(server).as("Bearer " + key).send(parts[0], parts[1], null).statusCode()).isEqualTo(403);
    }
  }

  private void prepare() {
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 2));
    client.post("/schemas/subjects/orders/versions", new JsonObject().put("schema", "{}"));
    client.expect(200, "PUT", "/schemas/config", new JsonObject().put("compatibility", "FULL"));
    streams().commit(ORDERS, "g", new Position(1, 7), deadline()).join();
  }

  private static JsonObject stats(int topics, int offsets, int schemas, int config) {
    return new JsonObject().put("topics", topics).put("offsets", offsets).put("schemas", schemas).put("config", config);
  }

  private String error(int status, String method, String path, JsonObject body) {
    return client.expect(status, method, path, body).getString("error");
  }

  private StreamTransport streams() {
    return server.transport().streams().orElseThrow();
  }

  private Deadline deadline() {
    return Deadline.after(time, Duration.ofSeconds(10));
  }
}
