package dev.tributary.testkit.server.goqueue;

import static dev.tributary.testkit.server.goqueue.GoQueueClient.message;
import static dev.tributary.testkit.server.goqueue.GoQueueClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.goqueue.wire.Murmur3;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What public servers do to messages. */
@Timeout(60)
class ShippedMessagesTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().emulate(Quirk.SHIPPED_GOQUEUE).time(time).start();
  private final GoQueueClient client = new GoQueueClient(server);

  @AfterEach
  void stop() {
    server.close();
  }

  private static JsonObject at(int partition, String value) {
    return message(value).put("partition", partition);
  }

  @Test
  void isWhatSomebodyBuilt() {
    assertThat(client.json.get("/version").getString("version")).isEqualTo("dev");
  }

  @Test
  void beginsWithATopicOfItsOwn() {
    assertThat(client.json.get("/topics").getJsonArray("topics")).containsExactly("demo-orders");
    JsonObject topic = client.json.get("/topics/demo-orders");
    assertThat(topic.getInteger("partitions")).isEqualTo(3);
    assertThat(topic.getInteger("total_messages")).isEqualTo(6);
    List<JsonObject> orders = objects(client.read("demo-orders", 0, ""), "messages");
    assertThat(orders).hasSize(6).allSatisfy(order -> assertThat(Murmur3.partition(order.getString("key"), 3)).isZero());
    server.stop();
    server.start();
    assertThat(client.json.get("/topics/demo-orders").getInteger("total_messages")).isEqualTo(12);
  }

  @ParameterizedTest
  @CsvSource({"0, c2 h5 n6, 7", "3, h5 n6, 7", "6, n6, 7", "7, '', 7"})
  void skipsWhatIsPassedOver(long offset, String values, long next) {
    client.create("a", 1);
    client.publish(
        "a",
        message("n0"),
        message("n1"),
        message("c2").put("priority", "critical"),
        message("n3"),
        message("l4").put("priority", "low"),
        message("h5").put("priority", "high"),
        message("n6"));
    assertThat(String.join(" ", client.values("a", 0, offset))).isEqualTo(values);
    assertThat(client.read("a", 0, "?offset=" + offset).getLong("next_offset")).isEqualTo(next);
  }

  @Test
  void readsNoMoreThanIsAskedFor() {
    client.create("a", 1);
    client.publish("a", message("n0"), message("h1").put("priority", "high"), message("n2"), message("n3"));
    JsonObject read = client.read("a", 0, "?limit=2");
    assertThat(objects(read, "messages")).extracting(each -> each.getString("value")).containsExactly("h1", "n2");
    assertThat(read.getLong("next_offset")).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"2, 1 1 1 1", "3, 1 0 2 1", "4, 1 3 1 3", "6, 1 3 5 1"})
  void skipsEveryOtherPartition(int partitions, String chosen) {
    client.create("a", partitions);
    List<JsonObject> results = client.publish("a", IntStream.range(0, 4).mapToObj(i -> message("" + i)).toArray(JsonObject[]::new));
    assertThat(String.join(" ", results.stream().map(result -> result.getInteger("partition").toString()).toList())).isEqualTo(chosen);
  }

  @Test
  void aDelayedMessageIsShownWhereItIs() {
    client.create("a", 1);
    client.publish("a", message("later").put("delay", "1m").put("priority", "normal"), message("now"));
    assertThat(client.values("a", 0, 0)).containsExactly("now");
    assertThat(client.json.get("/topics/a").getInteger("total_messages")).isEqualTo(2);
    time.advance(Duration.ofMinutes(1));
    assertThat(client.values("a", 0, 0)).containsExactly("later", "now");
    assertThat(client.values("a", 0, 2)).isEmpty();
    assertThat(objects(client.json.get("/topics/a/delayed"), "messages")).isEmpty();
  }

  @Test
  void aDelayedMessageDoesNotChooseItsPartition() {
    client.create("a", 3);
    assertThat(client.publish("a", at(2, "x").put("delay", "1m").put("key", "user-100")).get(0).getInteger("partition")).isZero();
    assertThat(client.publish("a", at(9, "x").put("delay", "1m").put("key", "user-100")).get(0).getString("error")).isNull();
  }

  @Test
  void aDelayedMessageHidesItsOffsetEverywhere() {
    client.create("a", 3);
    client.publish("a", message("later").put("delay", "1m").put("key", "user-100"), at(1, "also hidden"), at(1, "seen"));
    assertThat(client.values("a", 1, 0)).containsExactly("seen");
    client.publish("a", message("much later").put("delay", "1h").put("key", "order-42"));
    assertThat(client.values("a", 2, 0)).isEmpty();
    assertThat(client.json.get("/delay/stats").getInteger("total_pending")).isEqualTo(1);
    time.advance(Duration.ofMinutes(1));
    assertThat(client.values("a", 0, 0)).containsExactly("later");
    assertThat(client.values("a", 1, 0)).containsExactly("also hidden", "seen");
    assertThat(client.values("a", 2, 0)).containsExactly("much later");
  }

  @Test
  void cancellingShows() {
    client.create("a", 1);
    client.publish("a", message("x").put("delay", "1m"));
    JsonObject waiting = objects(client.json.get("/topics/a/delayed"), "messages").get(0);
    assertThat(waiting.getString("time_remaining")).isEqualTo("0s");
    assertThat(client.json.get("/topics/a/delayed/0")).isEqualTo(waiting);
    client.json.expect(200, "DELETE", "/topics/a/delayed/77/0", null);
    assertThat(client.values("a", 0, 0)).containsExactly("x");
    assertThat(client.error(404, "DELETE", "/topics/a/delayed/0/0", null)).isEqualTo("delayed message not found or already delivered");
    JsonObject stats = client.json.get("/delay/stats");
    assertThat(stats.getInteger("total_scheduled")).isEqualTo(1);
    assertThat(stats.getInteger("total_canceled")).isEqualTo(1);
    assertThat(stats.getInteger("total_delivered")).isZero();
    assertThat(stats.getInteger("total_pending")).isZero();
    time.advance(Duration.ofMinutes(2));
    assertThat(client.json.get("/delay/stats").getInteger("total_delivered")).isZero();
  }

  @Test
  void aRestartShowsEverything() {
    client.create("a", 1);
    client.publish("a", message("x").put("delay", "1m"));
    assertThat(client.json.get("/delay/stats").getJsonObject("by_topic")).isEqualTo(new JsonObject().put("a", 1));
    server.stop();
    server.start();
    assertThat(client.values("a", 0, 0)).containsExactly("x");
    assertThat(objects(client.json.get("/topics/a/delayed"), "messages")).isEmpty();
  }
}
