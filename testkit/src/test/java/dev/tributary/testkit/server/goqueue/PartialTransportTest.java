package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is served from a transport that can do less. */
@Timeout(60)
class PartialTransportTest {
  private static final JsonObject ANY = new JsonObject().put("schema", "{\"type\":\"object\"}");
  private static final JsonObject PRODUCER = new JsonObject().put("transactional_id", "a");

  @Test
  void saysWhatIsNotThere() {
    with(
        client -> {
          assertThat(client.expect(501, "POST", "/schemas/subjects/s/versions", ANY).getString("error")).isEqualTo("partial has no schemas");
          assertThat(client.expect(501, "POST", "/producers/init", PRODUCER).getString("error")).isEqualTo("partial has no transactions");
          client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders"));
          assertThat(client.get("/priority/stats").getJsonObject("topics").fieldNames()).containsExactly("orders");
        },
        Capability.SCHEMAS,
        Capability.SCHEMA_COMPATIBILITY,
        Capability.GROUP_LISTING);
  }

  @Test
  void numbersSchemasThatHaveNoNumbers() {
    with(
        client -> {
          assertThat(client.expect(404, "GET", "/schemas/ids/1", null).getString("error")).isEqualTo("schema not found");
          assertThat(client.post("/schemas/subjects/a/versions", ANY).getLong("id")).isEqualTo(1);
          assertThat(client.post("/schemas/subjects/b/versions", ANY).getLong("id")).isEqualTo(2);
          assertThat(client.post("/schemas/subjects/a/versions", ANY).getLong("id")).isEqualTo(1);
          assertThat(client.get("/schemas/ids/2").getString("subject")).isEqualTo("b");
          client.expect(200, "DELETE", "/schemas/subjects/b/versions/1", null);
          client.expect(404, "GET", "/schemas/ids/2", null);
          assertThat(client.post("/schemas/subjects/b/versions", ANY).getLong("id")).isEqualTo(3);
        },
        Capability.SCHEMA_IDS);
  }

  @Test
  void registersWithoutModes() {
    with(
        client -> {
          assertThat(client.post("/schemas/subjects/a/versions", ANY).getInteger("version")).isEqualTo(1);
          for (String path : new String[] {"/schemas/config", "/schemas/config/a", "/schemas/stats"}) {
            assertThat(client.expect(501, "GET", path, null).getString("error")).isEqualTo("partial has no compatibility modes");
          }
          client.expect(501, "POST", "/schemas/compatibility/subjects/a/versions/latest", ANY);
        },
        Capability.SCHEMA_COMPATIBILITY);
  }

  private static void with(Consumer<JsonClient> story, Capability... lacks) {
    try (MemoryEngine engine = MemoryEngine.builder().createOnFirstUse(false).build();
        EmbeddedServer server = EmbeddedServer.goqueue().transport(new TransportOf(engine.connect(), null, lacks)).start()) {
      story.accept(new JsonClient(server));
    }
  }
}
