package dev.tributary.testkit.server.goqueue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.stream.Event;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of messages that members have, over real sockets. */
@Timeout(60)
class SettleRoutesTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private ConsumerClient consumer;
  private GoQueueClient client;
  private String member;

  @BeforeEach
  void start() {
    server = EmbeddedServer.goqueue().time(time).start();
    consumer = new ConsumerClient(server, time);
    client = consumer.client;
    client.create("orders", 1);
    member = consumer.member("g", "worker", "orders");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonObject one() {
    List<JsonObject> messages = consumer.messages("g", member, "&max_messages=1");
    assertThat(messages).hasSize(1);
    return messages.get(0);
  }

  private void waitFor(Duration duration) {
    // In steps, so that the member stays one.
    for (Duration left = duration; !left.isZero(); ) {
      Duration step = left.compareTo(Duration.ofSeconds(10)) < 0 ? left : Duration.ofSeconds(10);
      time.advance(step);
      consumer.heartbeat("g", member);
      left = left.minus(step);
    }
  }

  @Test
  void acksMoveTheGroupOnAsFarAsEverythingIsSettled() {
    consumer.add("orders", "zero", "one", "two");
    List<JsonObject> all = consumer.messages("g", member, "");
    assertThat(consumer.ack(all.get(1)))
        .isEqualTo(
            new JsonObject()
                .put("success", true)
                .put("topic", "orders")
                .put("partition", 0)
                .put("offset", 1)
                .put("committed_offset", 0)
                .put("offset_advanced", false)
                .put("in_flight_count", 2));
    assertThat(consumer.committed("orders", "g")).isEmpty();
    assertThat(consumer.ack(all.get(0)))
        .isEqualTo(
            new JsonObject()
                .put("success", true)
                .put("topic", "orders")
                .put("partition", 0)
                .put("offset", 0)
                .put("committed_offset", 2)
                .put("offset_advanced", true)
                .put("in_flight_count", 1));
    assertThat(consumer.committed("orders", "g")).hasValue(2);
    assertThat(client.json.get("/groups/g/offsets").getJsonObject("topics").encode()).isEqualTo("{\"orders\":{\"0\":2}}");
    waitFor(Deliveries.VISIBILITY);
    assertThat(consumer.values("g", member)).as("what was acked does not come again").containsExactly("two");
  }

  @Test
  void nacksRestAndComeAgain() {
    consumer.add("orders", "one");
    JsonObject nacked = consumer.nack(one(), null);
    assertThat(nacked)
        .isEqualTo(
            new JsonObject()
                .put("success", true)
                .put("action", "requeued")
                .put("topic", "orders")
                .put("partition", 0)
                .put("offset", 0)
                .put("delivery_count", 2)
                .put("next_visible_at", "2030-01-01T00:00:02Z"));
    assertThat(client.json.get("/reliability/stats").getJsonObject("ack_manager").getInteger("current_queued")).isEqualTo(1);
    time.advance(Duration.ofMillis(1_999));
    assertThat(consumer.values("g", member)).isEmpty();
    time.advance(Duration.ofMillis(1));
    JsonObject again = one();
    assertThat(again.getString("receipt_handle")).startsWith("orders:0:0:2:");
    assertThat(consumer.nack(again, null).getString("next_visible_at")).as("longer").isEqualTo("2030-01-01T00:00:06Z");
  }

  @Test
  void nacksRestForAsLongAsIsAskedFor() {
    consumer.add("orders", "one", "two");
    List<JsonObject> both = consumer.messages("g", member, "");
    assertThat(consumer.nack(both.get(0), "0s").getInteger("delivery_count")).isEqualTo(2);
    assertThat(consumer.values("g", member)).as("at once").containsExactly("one");
    assertThat(consumer.nack(both.get(1), "90s").getString("next_visible_at")).isEqualTo("2030-01-01T00:01:30Z");
    waitFor(Duration.ofMillis(89_999));
    assertThat(consumer.values("g", member)).doesNotContain("two");
    time.advance(Duration.ofMillis(1));
    assertThat(consumer.values("g", member)).contains("two");
  }

  @Test
  void nacksOfTheLastDeliveryMakeADeadLetter() {
    consumer.add("orders", Event.builder("poison".getBytes(UTF_8)).key("k").build());
    consumer.add("orders", "next");
    time.advance(Duration.ofSeconds(1));
    consumer.nack(one(), "0s");
    time.advance(Duration.ofSeconds(1));
    consumer.nack(one(), "0s");
    time.advance(Duration.ofSeconds(1));
    JsonObject body = ConsumerClient.receipt(one()).put("reason", "cannot read it");
    assertThat(client.json.post("/messages/nack", body))
        .isEqualTo(
            new JsonObject()
                .put("success", true)
                .put("action", "dlq")
                .put("topic", "orders")
                .put("partition", 0)
                .put("offset", 0)
                .put("delivery_count", 4)
                .put("next_visible_at", "2030-01-01T00:00:03Z")
                .put("dlq_topic", "orders.dlq"));
    assertThat(consumer.deadLetters("orders.dlq"))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.topic()).isEqualTo("orders");
              assertThat(letter.partition()).isZero();
              assertThat(letter.offset()).isZero();
              assertThat(letter.publishedAt()).isEqualTo("2030-01-01T00:00:00Z");
              assertThat(letter.key()).isEqualTo("k".getBytes(UTF_8));
              assertThat(letter.value()).isEqualTo("poison".getBytes(UTF_8));
              assertThat(letter.attempts()).isEqualTo(3);
              assertThat(letter.firstDelivery()).isEqualTo("2030-01-01T00:00:01Z");
              assertThat(letter.lastDelivery()).isEqualTo("2030-01-01T00:00:03Z");
              assertThat(letter.consumer()).isEqualTo(member);
              assertThat(letter.group()).isEqualTo("g");
              assertThat(letter.reason()).isEqualTo("MAX_RETRIES_EXCEEDED");
              assertThat(letter.error()).isEqualTo("cannot read it");
              assertThat(letter.diedAt()).isEqualTo("2030-01-01T00:00:03Z");
            });
    assertThat(consumer.committed("orders", "g")).as("it is settled").hasValue(1);
    assertThat(consumer.values("g", member)).containsExactly("next");
  }

  @Test
  void rejectsMakeADeadLetterInAPartitionOfTheSameNumber() {
    client.create("wide", 3);
    String reader = consumer.member("w", "worker", "wide");
    consumer.add("wide", Event.builder("bad".getBytes(UTF_8)).key("k").partition(2).build());
    JsonObject message = consumer.poll("w", reader, "").getJsonObject("messages").getJsonArray("2").getJsonObject(0);
    assertThat(consumer.reject(message, "<broken>"))
        .isEqualTo(
            new JsonObject()
                .put("success", true)
                .put("action", "rejected")
                .put("topic", "wide")
                .put("partition", 2)
                .put("offset", 0)
                .put("dlq_topic", "wide.dlq")
                .put("reason", "<broken>"));
    assertThat(client.json.get("/topics/wide.dlq").getInteger("partitions")).isEqualTo(3);
    JsonObject letter = GoQueueClient.objects(client.read("wide.dlq", 2, ""), "messages").get(0);
    assertThat(letter.getString("key")).isEqualTo("k");
    assertThat(letter.getString("value")).contains("\"reason\":\"REJECTED\"", "\"last_error\":\"<broken>\"");
    assertThat(client.json.get("/groups/w/offsets").getJsonObject("topics").encode()).isEqualTo("{\"wide\":{\"2\":1}}");
  }

  @Test
  void whatNobodySettlesComesAgainAndDiesInTheEnd() {
    consumer.add("orders", "slow", "next");
    for (int delivery = 1; delivery <= 3; delivery++) {
      assertThat(one().getString("receipt_handle")).startsWith("orders:0:0:" + delivery + ":");
      waitFor(Deliveries.VISIBILITY);
    }
    assertThat(consumer.deadLetters("orders.dlq")).singleElement().satisfies(letter -> assertThat(letter.attempts()).isEqualTo(3));
    assertThat(consumer.committed("orders", "g")).hasValue(1);
    assertThat(consumer.values("g", member)).containsExactly("next");
  }

  @Test
  void aDeadLetterIsPolledAsItIsRead() {
    consumer.add("orders", "bad");
    consumer.reject(one(), "no");
    String undertaker = consumer.member("u", "worker", "orders.dlq");
    assertThat(consumer.values("u", undertaker)).isEqualTo(client.values("orders.dlq", 0, 0));
  }

  @Test
  void groupsDoNotGetInEachOthersWay() {
    consumer.add("orders", "one");
    String other = consumer.member("other", "worker", "orders");
    consumer.ack(one());
    JsonObject same = consumer.messages("other", other, "").get(0);
    consumer.reject(same, "not mine");
    assertThat(consumer.committed("orders", "g")).hasValue(1);
    assertThat(consumer.committed("orders", "other")).hasValue(1);
  }

  @Test
  void extendsFromNowOn() {
    consumer.add("orders", "one");
    JsonObject message = one();
    time.advance(Duration.ofSeconds(10));
    JsonObject body = ConsumerClient.receipt(message).put("extension_seconds", 45);
    assertThat(client.json.post("/messages/visibility", body))
        .isEqualTo(new JsonObject().put("success", true).put("new_deadline", "2030-01-01T00:00:55Z").put("extended_by", 45));
    waitFor(Duration.ofMillis(44_999));
    assertThat(consumer.values("g", member)).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(consumer.values("g", member)).containsExactly("one");
    assertThat(client.error(500, "POST", "/messages/visibility", body.encode())).isEqualTo("receipt handle not found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|ack|{}|receipt_handle is required",
        "400|ack|[|invalid request body",
        "400|ack|{'receipt_handle':7}|invalid request body",
        "500|ack|{'receipt_handle':'x'}|ack failed: receipt handle not found",
        "400|nack|{}|receipt_handle is required",
        "500|nack|{'receipt_handle':'x'}|nack failed: receipt handle not found",
        "400|nack|{'receipt_handle':'x','delay':'10'}|invalid delay format (use Go duration like 30s)",
        "400|nack|{'receipt_handle':'x','delay':'-1s'}|invalid delay format (use Go duration like 30s)",
        "400|reject|{'reason':'r'}|receipt_handle is required",
        "400|reject|{'receipt_handle':'x'}|reason is required for reject",
        "500|reject|{'receipt_handle':'x','reason':'r'}|reject failed: receipt handle not found",
        "400|visibility|{'extension_seconds':1}|receipt_handle is required",
        "400|visibility|{'receipt_handle':'x'}|extension_seconds must be positive",
        "400|visibility|{'receipt_handle':'x','extension_seconds':-1}|extension_seconds must be positive",
        "500|visibility|{'receipt_handle':'x','extension_seconds':1}|receipt handle not found",
      })
  void refuses(int status, String route, String body, String text) {
    assertThat(client.error(status, "POST", "/messages/" + route, body.replace('\'', '"'))).isEqualTo(text);
  }

  @Test
  void counts() {
    consumer.add("orders", "a", "b", "c", "d");
    List<JsonObject> all = consumer.messages("g", member, "");
    consumer.ack(all.get(0));
    consumer.nack(all.get(1), "1h");
    consumer.reject(all.get(2), "bad");
    client.json.post("/messages/visibility", ConsumerClient.receipt(all.get(3)).put("extension_seconds", 1));
    JsonObject stats = client.json.get("/reliability/stats");
    assertThat(stats.getJsonObject("visibility_tracker").getInteger("current_in_flight")).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    assertThat(client.json.get("/reliability/stats"))
        .isEqualTo(
            new JsonObject()
                .put(
                    "ack_manager",
                    new JsonObject()
                        .put("total_acks", 1)
                        .put("total_nacks", 1)
                        .put("total_rejects", 1)
                        .put("total_expired", 1)
                        .put("total_retries", 2)
                        .put("total_dlq", 1)
                        .put("current_queued", 1))
                .put(
                    "visibility_tracker",
                    new JsonObject()
                        .put("total_tracked", 4)
                        .put("current_in_flight", 0)
                        .put("total_expired", 1)
                        .put("total_acked", 1)
                        .put("total_extended", 1))
                .put(
                    "dlq",
                    new JsonObject()
                        .put("total_routed", 1)
                        .put("routes_by_reason", new JsonObject().put("REJECTED", 1))
                        .put("routes_by_topic", new JsonObject().put("orders", 1))
                        .put("create_errors", 0)
                        .put("publish_errors", 0)));
  }

  @Test
  void leavesATraceOfEachStep() {
    consumer.add("orders", "one", "two", "three");
    List<JsonObject> all = consumer.messages("g", member, "");
    consumer.ack(all.get(0));
    consumer.nack(all.get(1), null);
    consumer.reject(all.get(2), "bad");
    List<String> statuses =
        GoQueueClient.objects(client.json.get("/traces/search?topic=orders&consumer_group=g"), "traces").stream()
            .map(trace -> trace.getInteger("offset") + " " + trace.getString("status"))
            .sorted()
            .toList();
    assertThat(statuses).containsExactly("0 completed", "1 retrying", "2 failed");
  }
}
