package dev.tributary.testkit.server.goqueue;

import static dev.tributary.testkit.server.goqueue.GoQueueClient.message;
import static dev.tributary.testkit.server.goqueue.GoQueueClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.StreamConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.spi.Deadline;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Not every transport can do what the engine can. */
@Timeout(60)
class LesserStreamsTest {
  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private LesserStreams lesser;
  private EmbeddedServer server;
  private GoQueueClient client;

  private void start(Capability... lacks) {
    lesser = new LesserStreams(engine.connect(), lacks);
    engine
        .connect()
        .admin()
        .orElseThrow()
        .createStream(new ResourceName("default", "default", "a"), StreamConfig.DEFAULT, Deadline.after(time, Duration.ofSeconds(1)))
        .join();
    server = EmbeddedServer.goqueue().transport(lesser).time(time).start();
    client = new GoQueueClient(server);
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    engine.close();
  }

  private static JsonObject[] messages(String... values) {
    return Stream.of(values).map(GoQueueClient::message).toArray(JsonObject[]::new);
  }

  @Test
  void getsAsMuchAtATimeAsItTakes() {
    start();
    client.publish("a", messages("1", "2", "3", "45678901", "234", "5"));
    assertThat(lesser.batches).containsExactly(2, 1, 1, 2);
    assertThat(client.values("a", 0, 0)).containsExactly("1", "2", "3", "45678901", "234", "5");
    assertThat(objects(client.read("a", 0, "?offset=1&limit=3"), "messages")).hasSize(3);
  }

  @Test
  void whatDidNotArriveIsToldApart() {
    start();
    lesser.batchesLeft = 1;
    List<JsonObject> results = client.publish("a", messages("1", "2", "3"));
    assertThat(results).extracting(result -> result.getLong("offset")).containsExactly(0L, 1L, 0L);
    assertThat(results.get(1).getString("error")).isNull();
    assertThat(results.get(2).getString("error")).isEqualTo("failed to publish to partition 0: it is gone. Ask again");
    HttpResponse<String> nothing = client.json.send("POST", "/topics/a/messages", "{\"messages\":[{\"value\":\"1\"}]}");
    assertThat(nothing.statusCode()).isEqualTo(503);
    assertThat(nothing.headers().firstValue("retry-after")).hasValue("1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EVENT_KEYS | {\"value\":\"x\",\"key\":\"k\"} | failed to publish to partition 0: lesser has no EVENT_KEYS",
        "EVENT_PRIORITY | {\"value\":\"x\",\"priority\":\"low\"} | failed to publish to partition 0: lesser has no EVENT_PRIORITY",
        "EVENT_DELAY | {\"value\":\"x\",\"delay\":\"1s\"} | failed to publish to partition 0: lesser has no EVENT_DELAY",
        "EVENT_PARTITION | {\"value\":\"x\",\"partition\":0} | failed to publish to partition 0: lesser has no EVENT_PARTITION",
        "START_AT_TIME | {\"value\":\"\"} | failed to publish to partition 0: value has 0 bytes, not 1 to 8",
        "START_AT_TIME | {\"value\":\"123456789\"} | failed to publish to partition 0: value has 9 bytes, not 1 to 8",
        "START_AT_TIME | {\"value\":\"x\",\"delay\":\"60.1s\"} | delay 1m0.1s exceeds maximum 1m0s",
      })
  void saysWhatCannotBeKept(Capability lacks, String message, String told) {
    start(lacks);
    assertThat(client.refused("a", new JsonObject(message))).isEqualTo(told);
    assertThat(lesser.batches).isEmpty();
    assertThat(client.publish("a", message("x")).get(0).getString("error")).isNull();
  }

  @Test
  void delaysAreRoundedUp() {
    start();
    client.publish("a", message("x").put("delay", "1ms"), message("y").put("delay", "2s"));
    time.advance(Duration.ofMillis(999));
    assertThat(client.values("a", 0, 0)).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(client.values("a", 0, 0)).containsExactly("x");
    time.advance(Duration.ofSeconds(1));
    assertThat(client.values("a", 0, 0)).containsExactly("x", "y");
  }

  @Test
  void whatWaitsCannotBeSeenEverywhere() {
    start(Capability.DELAYED_EVENTS);
    client.publish("a", message("x").put("delay", "1s"));
    for (String path : List.of("/topics/a/delayed", "/topics/a/delayed/0")) {
      assertThat(client.error(501, "GET", path, null)).isEqualTo("lesser does not show delayed messages");
    }
    assertThat(client.error(501, "DELETE", "/topics/a/delayed/0/0", null)).isEqualTo("lesser does not show delayed messages");
    assertThat(client.json.get("/delay/stats").getInteger("total_pending")).isEqualTo(1);
  }

  @Test
  void topicsCannotBeListedEverywhere() {
    start(Capability.LIST_RESOURCES);
    assertThat(client.json.get("/topics").getJsonArray("topics")).isEmpty();
    assertThat(client.error(404, "GET", "/topics/b", null)).isEqualTo("topic not found");
    assertThat(client.error(404, "GET", "/topics/b%20c", null)).isEqualTo("topic not found");
    assertThat(client.json.get("/topics/a").getInteger("partitions")).isEqualTo(1);
    assertThat(client.json.get("/topics").getJsonArray("topics")).containsExactly("a");
    assertThat(client.json.get("/stats").getInteger("topics")).isEqualTo(1);
  }

  @Test
  void topicsCannotBeMadeEverywhere() {
    start(Capability.CREATE_RESOURCES);
    assertThat(client.error(501, "POST", "/topics", "{\"name\":\"b\"}")).isEqualTo("lesser does not make topics");
    assertThat(client.error(501, "DELETE", "/topics/a", null)).isEqualTo("lesser does not make topics");
    try (EmbeddedServer shipped = EmbeddedServer.goqueue().transport(lesser).emulate(Quirk.SHIPPED_GOQUEUE).time(time).start()) {
      assertThat(new GoQueueClient(shipped).json.get("/topics").getJsonArray("topics")).containsExactly("a");
    }
  }

  @Test
  void aDelayedMessageIsNotReadBeforeItIsHidden() {
    start();
    try (EmbeddedServer shipped = EmbeddedServer.goqueue().transport(lesser).emulate(Quirk.SHIPPED_GOQUEUE).time(time).start()) {
      GoQueueClient peer = new GoQueueClient(shipped);
      CompletableFuture<Void> answers = new CompletableFuture<>();
      lesser.answers = answers;
      int before = lesser.batches.size();
      String body = "{\"messages\":[{\"value\":\"x\",\"delay\":\"1m\"}]}";
      CompletableFuture<HttpResponse<String>> published = peer.json.start("POST", "/topics/a/messages", body);
      while (lesser.batches.size() == before) {
        Thread.onSpinWait();
      }
      CompletableFuture<HttpResponse<String>> read = peer.json.start("GET", "/topics/a/partitions/0/messages", null);
      // Whatever else is asked is answered meanwhile.
      assertThat(peer.json.get("/topics/a").getInteger("total_messages")).isEqualTo(1);
      answers.complete(null);
      assertThat(published.join().statusCode()).isEqualTo(200);
      assertThat(new JsonObject(read.join().body()).getJsonArray("messages")).isEmpty();
      time.advance(Duration.ofMinutes(1));
      assertThat(peer.values("a", 0, 0)).containsExactly("x");
    }
  }
}
