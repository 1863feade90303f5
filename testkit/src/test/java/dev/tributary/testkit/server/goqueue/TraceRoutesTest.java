package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.server.Quirk;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TraceRoutesTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final JsonClient client = new JsonClient(server);

  @BeforeEach
  void publish() {
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 2));
    publish(client, 0);
    time.advance(Duration.ofMillis(2500));
    publish(client, 1);
    publish(client, 1);
  }

  private static void publish(JsonClient client, int partition) {
    JsonObject message = new JsonObject().put("value", "x").put("partition", partition);
    client.post("/topics/orders/messages", new JsonObject().put("messages", new JsonArray().add(message)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void followsAMessage() {
    client.get("/topics/orders/partitions/0/messages");
    JsonObject listed = client.get("/traces");
    assertThat(listed.getInteger("total")).isEqualTo(3);
    JsonObject trace = listed.getJsonArray("traces").getJsonObject(2);
    String id = trace.getString("trace_id");
    assertThat(trace)
        .isEqualTo(
            new JsonObject()
                .put("trace_id", id)
                .put("topic", "orders")
                .put("partition", 0)
                .put("offset", 0)
                .put("start_time", "2030-01-01T00:00:00Z")
                .put("end_time", "2030-01-01T00:00:02.5Z")
                .put("duration_ms", 2500)
                .put("status", "in_progress")
                .put("span_count", 3));
    JsonObject whole = client.get("/traces/" + id.toUpperCase(Locale.ROOT));
    List<JsonObject> spans = whole.getJsonArray("spans").stream().map(JsonObject.class::cast).toList();
    assertThat(spans)
        .extracting(span -> span.getString("event_type"))
        .containsExactly("publish.received", "publish.persisted", "consume.fetched");
    JsonObject root = spans.get(0);
    assertThat(root.getString("span_id")).matches("[0-9a-f]{16}");
    assertThat(root.fieldNames()).containsExactly("span_id", "event_type", "timestamp", "topic", "partition", "offset");
    assertThat(spans.subList(1, 3)).extracting(span -> span.getString("parent_span_id")).containsOnly(root.getString("span_id"));
    whole.remove("spans");
    trace.remove("span_count");
    assertThat(whole).isEqualTo(trace);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 3",
    "topic=orders, 3",
    "topic=others, 0",
    "partition=1, 2",
    "partition=-1, 3",
    "partition=one, 3",
    "status=in_progress, 3",
    "status=pending, 0",
    "consumer_group=g, 0",
    "limit=2, 2",
    "limit=0, 3",
    "limit=1001, 3",
    "limit=x, 3",
    "start=2030-01-01T00:00:02Z, 3",
    "start=2030-01-01T00:00:02Z&end=never, 3",
    "start=2030-01-01T00:00:02Z&end=2030-01-01T00:00:03Z, 2",
    "start=2030-01-01T01:00:00%2B01:00&end=2030-01-01T00:00:00Z, 1",
    "topic=orders&partition=1&limit=1, 1",
  })
  void finds(String query, int count) {
    JsonObject found = client.get("/traces/search?" + query);
    assertThat(found.getInteger("total")).isEqualTo(count);
    assertThat(found.getJsonArray("traces")).hasSize(count);
  }

  @Test
  void saysWhatItLookedFor() {
    assertThat(client.get("/traces/search?topic=orders&start=2030-01-01T00:00:00.5Z&status=failed&limit=7&partition=1").getJsonObject("query"))
        .isEqualTo(
            new JsonObject()
                .put("topic", "orders")
                .put("partition", 1)
                .put("consumer_group", "")
                .put("start", "2030-01-01T00:00:00.5Z")
                .put("end", "0001-01-01T00:00:00Z")
                .put("status", "failed")
                .put("limit", 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "0123456789abcdef", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0"})
  void knowsWhatIsNoTrace(String id) {
    assertThat(client.expect(400, "GET", "/traces/" + id, null).getString("error")).isEqualTo("invalid trace ID format");
  }

  @Test
  void hasOnlyItsOwn() {
    assertThat(client.expect(404, "GET", "/traces/" + "0".repeat(32), null).getString("error")).isEqualTo("trace not found");
  }

  @Test
  void counts() {
    assertThat(client.get("/traces/stats"))
        .isEqualTo(
            new JsonObject()
                .put("enabled", true)
                .put("spans_in_buffer", 6)
                .put("buffer_capacity", 100_000)
                .put("traces_indexed", 3)
                .put("sampling_rate", 1)
                .put("exporters_enabled", new JsonArray()));
  }

  @Test
  void linksNothingAsPublicServersDo() {
    try (EmbeddedServer shipped = EmbeddedServer.goqueue().time(time).emulate(Quirk.SHIPPED_GOQUEUE).start()) {
      JsonClient other = new JsonClient(shipped);
      other.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 1));
      publish(other, 0);
      assertThat(other.get("/traces?topic=orders").getJsonArray("traces")).isEmpty();
      other.get("/topics/orders/partitions/0/messages");
      other.get("/topics/orders/partitions/0/messages");
      assertThat(other.get("/traces").getJsonArray("traces")).hasSize(2);
    }
  }
}
