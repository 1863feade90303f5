package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.stream.Event;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.goqueue.internal.delivery.Poll;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Consuming as public servers have it, over real sockets. */
@Timeout(60)
class ShippedConsumptionTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private ConsumerClient consumer;
  private GoQueueClient client;
  private String member;

  @BeforeEach
  void start() {
    server = EmbeddedServer.goqueue().time(time).emulate(Quirk.SHIPPED_GOQUEUE).start();
    consumer = new ConsumerClient(server, time);
    client = consumer.client;
    client.create("orders", 1);
    member = consumer.member("g", "worker", "orders");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void waitFor(Duration duration) {
    for (Duration left = duration; !left.isZero(); ) {
      Duration step = left.compareTo(Duration.ofSeconds(10)) < 0 ? left : Duration.ofSeconds(10);
      time.advance(step);
      consumer.heartbeat("g", member);
      left = left.minus(step);
    }
  }

  @Test
  void acksDoNotMoveTheGroupOn() {
    consumer.add("orders", "one", "two");
    List<JsonObject> both = consumer.messages("g", member, "");
    JsonObject acked = consumer.ack(both.get(0));
    assertThat(acked.getInteger("committed_offset")).isEqualTo(1);
    assertThat(acked.getBoolean("offset_advanced")).isTrue();
    assertThat(acked.getInteger("in_flight_count")).isEqualTo(1);
    assertThat(client.json.get("/groups/g/offsets").getJsonObject("topics")).isEmpty();
    assertThat(consumer.values("g", member)).as("again, up to what is in flight").containsExactly("one");
    consumer.commit("g", member, "orders", 1);
    assertThat(consumer.values("g", member)).as("stops there").isEmpty();
    consumer.ack(both.get(1));
    assertThat(consumer.values("g", member)).containsExactly("two");
  }

  @Test
  void whatOneGroupHasNoOtherGets() {
    consumer.add("orders", "one", "two");
    String other = consumer.member("other", "worker", "orders");
    assertThat(consumer.messages("g", member, "&limit=1")).hasSize(1);
    assertThat(consumer.values("other", other)).isEmpty();
  }

  @Test
  void whatIsNotAckedIsInNobodysHandsThenDeadAndThereAgain() {
    consumer.add("orders", "one");
    consumer.messages("g", member, "");
    waitFor(Duration.ofSeconds(89));
    assertThat(consumer.values("g", member)).isEmpty();
    waitFor(Duration.ofSeconds(1));
    assertThat(consumer.deadLetters("orders.dlq"))
        .singleElement()
        .satisfies(letter -> assertThat(letter.reason()).isEqualTo("MAX_RETRIES_EXCEEDED"));
    assertThat(consumer.messages("g", member, ""))
        .singleElement()
        .satisfies(message -> assertThat(message.getString("receipt_handle")).startsWith("orders:0:0:1:"));
  }

  @Test
  void nobodyWaitsForThePauseAfterANack() {
    consumer.add("orders", "one");
    JsonObject nacked = consumer.nack(consumer.messages("g", member, "").get(0), "1h");
    assertThat(nacked.getString("next_visible_at")).as("whatever is asked for").isEqualTo("2030-01-01T00:00:02Z");
    assertThat(nacked.getInteger("delivery_count")).isEqualTo(2);
    assertThat(consumer.values("g", member)).containsExactly("one");
  }

  @Test
  void whatNobodyPollsAfterANackIsInLimbo() {
    consumer.add("orders", "one");
    consumer.nack(consumer.messages("g", member, "").get(0), null);
    waitFor(Duration.ofSeconds(61));
    assertThat(consumer.values("g", member)).isEmpty();
    waitFor(Duration.ofSeconds(1));
    assertThat(consumer.values("g", member)).containsExactly("one");
  }

  @Test
  void rejectsDoNotMoveTheGroupOn() {
    consumer.add("orders", "one");
    consumer.reject(consumer.messages("g", member, "").get(0), "bad");
    assertThat(consumer.deadLetters("orders.dlq"))
        .singleElement()
        .satisfies(letter -> assertThat(letter.reason()).isEqualTo("REJECTED"));
    assertThat(consumer.values("g", member)).containsExactly("one");
  }

  @Test
  void pollsSkipWhatHasSomethingMoreUrgentBehindIt() {
    for (int priority : new int[] {0, 2, -1}) {
      consumer.add("orders", Event.builder(Integer.toString(priority).getBytes(StandardCharsets.UTF_8)).priority(priority).build());
    }
    assertThat(consumer.values("g", member)).containsExactly("2", "-1");
  }

  @Test
  void looksAtNoOtherLimitThanThatOfEachPartition() {
    consumer.add("orders", "one", "two");
    assertThat(consumer.messages("g", member, "&max_messages=1")).hasSize(2);
  }

  @Test
  void pollsThatWaitForHalfAMinuteAreNotAnswered() throws Exception {
    CompletableFuture<HttpResponse<String>> shorter = consumer.pollLater("g", member, "&timeout=29s");
    try (Socket usual = consumer.pollOnce("g", member, "")) {
      time.advance(Duration.ofSeconds(20));
      consumer.heartbeat("g", member);
      time.advance(Duration.ofSeconds(9));
      assertThat(shorter.get().statusCode()).isEqualTo(200);
      time.advance(Duration.ofSeconds(1));
      assertThat(usual.getInputStream().read()).as("hung up").isEqualTo(-1);
    }
  }

  @Test
  void takesForAClientThatHasGone() throws Exception {
    try (Socket gone = consumer.pollOnce("g", member, "&timeout=60s")) {
      time.advance(Duration.ofSeconds(20));
      consumer.heartbeat("g", member);
      time.advance(Duration.ofSeconds(10));
      assertThat(gone.getInputStream().read()).as("hung up").isEqualTo(-1);
    }
    consumer.heartbeat("g", member);
    consumer.add("orders", "one");
    time.advance(Poll.PAUSE);
    assertThat(consumer.values("g", member)).as("it has it").isEmpty();
    assertThat(client.json.get("/reliability/stats").getJsonObject("visibility_tracker").getInteger("current_in_flight")).isEqualTo(1);
  }

  @Test
  void commitsToTopicsThatThereAreNot() {
    consumer.commit("g", member, "none", 7);
    assertThat(client.json.get("/groups/g/offsets").getJsonObject("topics").encode()).isEqualTo("{\"none\":{\"0\":7}}");
  }

  @Test
  void aTopicMadeAnewHasTheOffsetsOfTheOld() {
    consumer.commit("g", member, "orders", 1);
    client.json.expect(200, "DELETE", "/topics/orders", null);
    client.create("orders", 1);
    consumer.add("orders", "zero", "one");
    assertThat(consumer.values("g", member)).containsExactly("one");
  }

  @Test
  void aRestartLeavesNothingButOffsets() {
    consumer.add("orders", "one", "two");
    consumer.messages("g", member, "");
    consumer.commit("g", member, "orders", 1);
    server.stop();
    server.start();
    assertThat(client.error(404, "GET", "/groups/g", null)).isEqualTo("group not found");
    assertThat(client.json.get("/groups/g/offsets").getJsonObject("topics").encode()).isEqualTo("{\"orders\":{\"0\":1}}");
    assertThat(consumer.values("g", consumer.member("g", "worker", "orders"))).containsExactly("two");
  }

  @Test
  void cooperationNeverCompletesAndDiesWithItsGroup() {
    JsonObject join = new JsonObject().put("client_id", "c").put("topics", new JsonArray().add("orders"));
    String id = client.json.post("/groups/c/join/cooperative", join).getString("member_id");
    for (int i = 0; i < 3; i++) {
      JsonObject told = client.json.post("/groups/c/heartbeat/cooperative", new JsonObject().put("member_id", id));
      assertThat(told.getString("state")).isEqualTo("pending_assign");
      assertThat(told.getJsonArray("partitions_assigned")).hasSize(1);
    }
    assertThat(client.json.get("/groups/c").getString("state")).isEqualTo("Rebalancing");
    client.json.expect(200, "DELETE", "/groups/c", null);
    assertThat(client.error(500, "POST", "/groups/c/join/cooperative", join.encode())).isEqualTo("failed to join group: group c is dead");
    client.json.post("/groups/c/join", join);
  }
}
