package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.StreamTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.server.Quirk;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PriorityRoutesTest {
  private static final ResourceName ORDERS = new ResourceName("default", "default", "orders");

  private final VirtualTime time = new VirtualTime();

  @Test
  void countsWhatIsPendingAndWhatIsConsumed() {
    try (EmbeddedServer server = EmbeddedServer.goqueue().time(time).start()) {
      JsonClient client = new JsonClient(server);
      assertThat(client.get("/priority/stats"))
          .isEqualTo(new JsonObject().put("total_by_priority", array(0, 0, 0, 0, 0)).put("topics", new JsonObject()));
      client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 2));
      store(server, 0, 0, 2);
      time.advance(Duration.ofMillis(1500));
      store(server, 0, 0, -2, 1);
      store(server, 1, -1, 9);
      assertThat(client.get("/priority/stats").getJsonArray("total_by_priority")).isEqualTo(array(2, 1, 2, 1, 1));
      JsonObject topic = client.get("/priority/stats").getJsonObject("topics").getJsonObject("orders");
      assertThat(topic.getJsonArray("total_by_priority")).isEqualTo(array(2, 1, 2, 1, 1));
      String early = "2030-01-01T00:00:00Z";
      String late = "2030-01-01T00:00:01.5Z";
      assertThat(topic.getJsonObject("partitions").getJsonObject("0"))
          .isEqualTo(partition(array(1, 1, 2, 0, 1), array(0, 0, 0, 0, 0), early, late, early, "", late));
      commit(server, "slow", 1);
      commit(server, "fast", 4);
      assertThat(partition(client))
          .as("one group still has to read all but the first")
          .isEqualTo(partition(array(1, 1, 1, 0, 1), array(0, 0, 1, 0, 0), early, late, late, "", late));
      commit(server, "slow", 3);
      assertThat(partition(client)).isEqualTo(partition(array(0, 1, 0, 0, 1), array(1, 0, 2, 0, 0), "", late, "", "", late));
      assertThat(client.get("/priority/stats").getJsonObject("topics").getJsonObject("orders").getJsonArray("total_by_priority"))
          .isEqualTo(array(2, 1, 2, 1, 1));
    }
  }

  @Test
  void saysOfNoneThatItIsConsumedAsPublicServersDo() {
    try (EmbeddedServer server = EmbeddedServer.goqueue().time(time).emulate(Quirk.SHIPPED_GOQUEUE).start()) {
      JsonClient client = new JsonClient(server);
      client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 2));
      store(server, 0, 0, 0);
      commit(server, "fast", 2);
      assertThat(partition(client).getJsonArray("consumed")).isEqualTo(array(0, 0, 0, 0, 0));
      assertThat(partition(client).getJsonArray("pending")).isEqualTo(array(0, 0, 2, 0, 0));
    }
  }

  @Test
  void countsManyPages() {
    try (EmbeddedServer server = EmbeddedServer.goqueue().time(time).start()) {
      JsonClient client = new JsonClient(server);
      client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 1));
      for (int i = 0; i < 40; i++) {
        store(server, 0, new int[1000]);
      }
      assertThat(client.get("/priority/stats").getJsonArray("total_by_priority")).isEqualTo(array(0, 0, 40_000, 0, 0));
    }
  }

  private static JsonObject partition(JsonClient client) {
    return client.get("/priority/stats").getJsonObject("topics").getJsonObject("orders").getJsonObject("partitions").getJsonObject("0");
  }

  private static JsonObject partition(JsonArray pending, JsonArray consumed, String... oldest) {
    JsonArray total = new JsonArray();
    for (int i = 0; i < pending.size(); i++) {
      total.add(pending.getInteger(i) + consumed.getInteger(i));
    }
    return new JsonObject()
        .put("pending", pending)
        .put("consumed", consumed)
        .put("total", total)
        .put("oldest_pending", new JsonArray(List.of(oldest)));
  }

  private static JsonArray array(int... numbers) {
    return new JsonArray(IntStream.of(numbers).boxed().toList());
  }

  private void store(EmbeddedServer server, int partition, int... priorities) {
    List<Event<byte[]>> events =
        IntStream.of(priorities).mapToObj(one -> Event.builder(new byte[0]).partition(partition).priority(one).build()).toList();
    streams(server).publish(ORDERS, events, deadline()).join();
  }

  private void commit(EmbeddedServer server, String group, long next) {
    streams(server).commit(ORDERS, group, new Position(0, next), deadline()).join();
  }

  private static StreamTransport streams(EmbeddedServer server) {
    return server.transport().streams().orElseThrow();
  }

  private Deadline deadline() {
    return Deadline.after(time, Duration.ofSeconds(10));
  }
}
