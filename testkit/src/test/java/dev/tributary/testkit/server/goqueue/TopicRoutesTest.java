package dev.tributary.testkit.server.goqueue;

import static dev.tributary.testkit.server.goqueue.GoQueueClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TopicRoutesTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final GoQueueClient client = new GoQueueClient(server);

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"'', 3", "'\"num_partitions\":0,', 3", "'\"num_partitions\":-1,', 3", "'\"num_partitions\":null,', 3", "'\"NUM_Partitions\":5,', 5"})
  void makesTopics(String more, int partitions) {
    assertThat(client.json.send("POST", "/topics", "{" + more + "\"name\":\"a\",\"retention_hours\":2}").body())
        .isEqualTo("{\"name\":\"a\",\"partitions\":" + partitions + ",\"created\":true}\n");
    assertThat(client.json.get("/topics/a").getInteger("partitions")).isEqualTo(partitions);
  }

  @ParameterizedTest
  @CsvSource({"{}, name is required", "{\"name\":null}, name is required", "{\"num_partitions\":2}, name is required"})
  void aTopicNeedsAName(String body, String told) {
    assertThat(client.error(400, "POST", "/topics", body)).isEqualTo(told);
  }

  @ParameterizedTest
  @ValueSource(ints = {10_001, 5_000_000, Integer.MAX_VALUE})
  void partitionsAreNotMadeByTheMillion(int partitions) {
    JsonObject body = new JsonObject().put("name", "a").put("num_partitions", partitions);
    assertThat(client.error(400, "POST", "/topics", body.encode())).isEqualTo("num_partitions must be at most 10000");
    assertThat(client.json.get("/topics").getJsonArray("topics")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"name\":1}", "{\"name\":\"a\",\"num_partitions\":\"3\"}", "{\"name\":\"a\",\"retention_hours\":1.5}"})
  void whatIsMalformedIsNotMade(String body) {
    assertThat(client.error(400, "POST", "/topics", body)).startsWith("invalid JSON: ");
    assertThat(client.json.get("/topics").getJsonArray("topics")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "..", "a/b", "../a", "a b", "ä"})
  void aNameMustBeOne(String name) {
    assertThat(client.error(400, "POST", "/topics", new JsonObject().put("name", name).encode())).startsWith("invalid topic name");
  }

  @Test
  void namesAreAtMost249Characters() {
    client.create("x".repeat(249), 1);
    assertThat(client.error(400, "POST", "/topics", new JsonObject().put("name", "x".repeat(250)).encode())).startsWith("invalid topic name");
  }

  @Test
  void aTopicIsMadeOnce() {
    client.create("a", 1);
    assertThat(client.error(409, "POST", "/topics", "{\"name\":\"a\"}")).isEqualTo("topic already exists");
  }

  @Test
  void keepsMessagesAsLongAsItWasTold() {
    client.json.expect(201, "POST", "/topics", new JsonObject().put("name", "a").put("num_partitions", 1).put("retention_hours", 2));
    client.json.expect(201, "POST", "/topics", new JsonObject().put("name", "b").put("num_partitions", 1));
    client.publish("a", message("x"));
    client.publish("b", message("x"));
    time.advance(Duration.ofHours(2));
    assertThat(client.values("a", 0, 0)).isEmpty();
    assertThat(client.values("b", 0, 0)).containsExactly("x");
    time.advance(Duration.ofHours(166));
    assertThat(client.values("b", 0, 0)).isEmpty();
  }

  @Test
  void saysHowFarATopicReaches() {
    client.create("a", 2);
    assertThat(client.json.send("GET", "/topics/a", null).body())
        .isEqualTo(
            "{\"name\":\"a\",\"partitions\":2,\"total_messages\":0,\"total_size_bytes\":0,"
                + "\"partition_offsets\":{\"0\":{\"earliest\":0,\"latest\":-1},\"1\":{\"earliest\":0,\"latest\":-1}}}\n");
    client.publish("a", message("123").put("key", "é").put("partition", 1), message("4").put("partition", 1));
    assertThat(client.json.get("/topics/a"))
        .isEqualTo(
            new JsonObject(
                "{\"name\":\"a\",\"partitions\":2,\"total_messages\":2,\"total_size_bytes\":6,"
                    + "\"partition_offsets\":{\"0\":{\"earliest\":0,\"latest\":-1},\"1\":{\"earliest\":0,\"latest\":1}}}"));
  }

  @Test
  void saysWhatIsLeftOfATopic() {
    client.json.expect(201, "POST", "/topics", new JsonObject().put("name", "a").put("num_partitions", 1).put("retention_hours", 1));
    client.publish("a", message("x"), message("y"));
    time.advance(Duration.ofMinutes(30));
    client.publish("a", message("z"));
    time.advance(Duration.ofMinutes(30));
    assertThat(client.json.get("/topics/a").getJsonObject("partition_offsets"))
        .isEqualTo(new JsonObject("{\"0\":{\"earliest\":2,\"latest\":2}}"));
    assertThat(client.json.get("/topics/a").getInteger("total_messages")).isEqualTo(1);
  }

  @Test
  void deletesTopicsWithAllThatIsKnownOfThem() {
    client.create("a", 2);
    client.publish("a", message("x"), message("y"), message("z"));
    assertThat(client.json.send("DELETE", "/topics/a", null).body()).isEqualTo("{\"deleted\":true,\"name\":\"a\"}\n");
    assertThat(client.error(404, "DELETE", "/topics/a", null)).isEqualTo("topic not found");
    assertThat(client.error(404, "GET", "/topics/a", null)).isEqualTo("topic not found");
    client.create("a", 2);
    assertThat(client.json.get("/topics/a").getInteger("total_size_bytes")).isZero();
    assertThat(client.publish("a", message("x")).get(0).getInteger("partition")).isZero();
  }

  @Test
  void oneNodeHasAllPartitions() {
    client.create("a", 2);
    assertThat(client.json.send("GET", "/topics/a/partitions", null).body())
        .isEqualTo(
            "{\"topic\":\"a\",\"partitions\":["
                + "{\"partition\":0,\"leader\":\"embedded\",\"replicas\":[\"embedded\"],\"isr\":[\"embedded\"],\"version\":0},"
                + "{\"partition\":1,\"leader\":\"embedded\",\"replicas\":[\"embedded\"],\"isr\":[\"embedded\"],\"version\":0}]}\n");
    assertThat(client.error(404, "GET", "/topics/b/partitions", null)).isEqualTo("topic not found or no partition info available");
  }

  @Test
  void seesWhatOthersDoToStreams() {
    AdminTransport admin = server.transport().admin().orElseThrow();
    Deadline deadline = Deadline.after(time, Duration.ofSeconds(1));
    ResourceName stream = new ResourceName("default", "default", "a.b");
    admin.createStream(stream, StreamConfig.partitions(4), deadline).join();
    admin.createStream(new ResourceName("shop", "eu", "new orders"), StreamConfig.DEFAULT, deadline).join();
    assertThat(client.json.get("/topics/a.b").getInteger("partitions")).isEqualTo(4);
    assertThat(client.json.get("/topics").getJsonArray("topics")).isEqualTo(new JsonArray().add("a.b").add("shop__eu__new_20orders"));
    admin.delete(ResourceKind.STREAM, stream, deadline).join();
    assertThat(client.error(404, "GET", "/topics/a.b", null)).isEqualTo("topic not found");
    admin.createStream(stream, StreamConfig.partitions(1), deadline).join();
    assertThat(client.json.get("/topics/a.b").getInteger("partitions")).isEqualTo(1);
  }

  @Test
  void learnsThatATopicWasMadeAnewWithFewerPartitions() {
    client.create("a", 4);
    AdminTransport admin = server.transport().admin().orElseThrow();
    Deadline deadline = Deadline.after(time, Duration.ofSeconds(1));
    ResourceName stream = new ResourceName("default", "default", "a");
    admin.delete(ResourceKind.STREAM, stream, deadline).join();
    admin.createStream(stream, StreamConfig.partitions(1), deadline).join();
    assertThat(client.refused("a", message("x").put("partition", 3))).startsWith("failed to publish to partition 3: ");
    assertThat(client.refused("a", message("x").put("partition", 3))).isEqualTo("invalid partition 3 (topic has 1 partitions)");
    assertThat(client.publish("a", message("x")).get(0).getInteger("partition")).isZero();
  }
}
