package dev.tributary.testkit.server.goqueue;

import static dev.tributary.testkit.server.goqueue.GoQueueClient.message;
import static dev.tributary.testkit.server.goqueue.GoQueueClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MessageRoutesTest {
  private static final ResourceName STREAM = new ResourceName("default", "default", "a");

  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final GoQueueClient client = new GoQueueClient(server);

  @BeforeEach
  void create() {
    client.create("a", 2);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void publishesAndReads() {
    String results =
        client
            .json
            .send("POST", "/topics/a/messages", "{\"messages\":[{\"value\":\"x<\",\"partition\":1},{\"key\":\"k\",\"value\":\"\",\"partition\":1,\"priority\":\"HIGH\"}]}")
            .body();
    assertThat(results).isEqualTo("{\"results\":[{\"partition\":1,\"offset\":0,\"priority\":\"normal\"},{\"partition\":1,\"offset\":1,\"priority\":\"high\"}]}\n");
    String now = GoTime.nanos(time.now());
    assertThat(client.json.send("GET", "/topics/a/partitions/1/messages", null).body())
        .isEqualTo(
            ("{\"messages\":[{\"offset\":0,\"timestamp\":\"NOW\",\"value\":\"x\\u003c\",\"priority\":\"normal\"},"
                    + "{\"offset\":1,\"timestamp\":\"NOW\",\"key\":\"k\",\"value\":\"\",\"priority\":\"high\"}],\"next_offset\":2}\n")
                .replace("NOW", now));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0 1 2 3 4, 5",
    "?offset=2, 2 3 4, 5",
    "?offset=2&limit=2, 2 3, 4",
    "?offset=&limit=, 0 1 2 3 4, 5",
    "?offset=5, '', 5",
    "?offset=9000000000000000000, '', 9000000000000000000",
  })
  void readsFromAnOffsetAsMuchAsIsAskedFor(String query, String values, long next) {
    client.create("b", 1);
    client.publish("b", IntStream.range(0, 5).mapToObj(i -> message("" + i)).toArray(JsonObject[]::new));
    JsonObject read = client.read("b", 0, query);
    assertThat(String.join(" ", objects(read, "messages").stream().map(message -> message.getString("value")).toList())).isEqualTo(values);
    assertThat(read.getLong("next_offset")).isEqualTo(next);
  }

  @Test
  void readsAHundredMessagesAtATimeAndAThousandAtMost() {
    client.create("b", 1);
    client.publish("b", IntStream.range(0, 1100).mapToObj(i -> message("" + i)).toArray(JsonObject[]::new));
    assertThat(client.values("b", 0, 0)).hasSize(100);
    assertThat(objects(client.read("b", 0, "?limit=5000"), "messages")).hasSize(1000);
    assertThat(client.read("b", 0, "?limit=5000").getLong("next_offset")).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource({
    "400, /topics/a/partitions/x/messages, invalid partition ID",
    "400, /topics/a/partitions/1.0/messages, invalid partition ID",
    "400, /topics/a/partitions/0/messages?offset=-1, invalid offset",
    "400, /topics/a/partitions/0/messages?offset=x, invalid offset",
    "400, /topics/a/partitions/0/messages?limit=0, invalid limit",
    "400, /topics/a/partitions/0/messages?limit=1.5, invalid limit",
    "500, /topics/a/partitions/2/messages, invalid partition 2",
    "500, /topics/a/partitions/-1/messages, invalid partition -1",
    "404, /topics/b/partitions/7/messages, topic not found: b",
  })
  void saysWhatIsWrongWithReading(int status, String path, String told) {
    assertThat(client.error(status, "GET", path, null)).isEqualTo(told);
  }

  @Test
  void saysWhatIsWrongWithPublishing() {
    assertThat(client.error(404, "POST", "/topics/b/messages", "{\"messages\":[{}]}")).isEqualTo("topic not found");
    assertThat(client.error(400, "POST", "/topics/b/messages", "{}")).isEqualTo("at least one message required");
    assertThat(client.error(400, "POST", "/topics/a/messages", "{\"messages\":null}")).isEqualTo("at least one message required");
    assertThat(client.error(400, "POST", "/topics/a/messages", "{\"messages\":[]}")).isEqualTo("at least one message required");
    for (String wrong : List.of("", "{\"messages\":{}}", "{\"messages\":[1]}", "{\"messages\":[{\"value\":1}]}", "{\"messages\":[{\"partition\":\"1\"}]}")) {
      assertThat(client.error(400, "POST", "/topics/a/messages", wrong)).startsWith("invalid JSON: ");
    }
    assertThat(client.values("a", 0, 0)).isEmpty();
  }

  @Test
  void whatIsNullIsNotThere() {
    String body = "{\"messages\":[null,{\"key\":null,\"value\":null,\"partition\":null,\"delay\":null,\"deliverAt\":null,\"priority\":null}]}";
    assertThat(new JsonObject(client.json.send("POST", "/topics/a/messages", body).body()))
        .isEqualTo(new JsonObject(
                "{\"results\":[{\"partition\":0,\"offset\":0,\"priority\":\"normal\"},"
                    + "{\"partition\":1,\"offset\":0,\"priority\":\"normal\"}]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"priority\":\"urgent\"} | invalid priority: must be one of critical, high, normal, low, background",
        "{\"priority\":\"hIGH\"} | invalid priority: must be one of critical, high, normal, low, background",
        "{\"priority\":\"x\",\"delay\":\"x\",\"partition\":9} | invalid priority: must be one of critical, high, normal, low, background",
        "{\"delay\":\"10\"} | invalid delay format: missing unit in duration \"10\"",
        "{\"delay\":\"1d\",\"partition\":9} | invalid delay format: unknown unit \"d\" in duration \"1d\"",
        "{\"deliverAt\":\"soon\"} | invalid deliverAt format: \"soon\" is not a time like 2026-03-01T09:30:00Z",
        "{\"delay\":\"200h\",\"partition\":9} | delay 200h0m0s exceeds maximum 186h24m48.64s",
        "{\"delay\":\"186h24m48.640000001s\"} | delay 186h24m48.640000001s exceeds maximum 186h24m48.64s",
        "{\"partition\":2} | invalid partition 2 (topic has 2 partitions)",
        "{\"partition\":-1} | invalid partition -1 (topic has 2 partitions)",
        "{\"partition\":2,\"delay\":\"1s\"} | invalid partition 2 (topic has 2 partitions)",
      })
  void saysWhatIsWrongWithAMessage(String wrong, String told) {
    assertThat(client.refused("a", new JsonObject(wrong))).isEqualTo(told);
  }

  @Test
  void keysHave65535BytesAtMost() {
    String longest = "é".repeat(32_767) + "x";
    assertThat(client.publish("a", message("x").put("key", longest)).get(0).getString("error")).isNull();
    assertThat(client.refused("a", message("x").put("key", longest + "x").put("partition", 1)))
        .isEqualTo("failed to publish to partition 1: key exceeds maximum size of 65535 bytes: 65536");
  }

  @Test
  void oneWrongMessageDoesNotKeepTheOthers() {
    List<JsonObject> results =
        client.publish("a", message("x").put("partition", 0), message("y").put("partition", 7), message("z").put("partition", 0));
    assertThat(results.get(0)).isEqualTo(new JsonObject().put("partition", 0).put("offset", 0).put("priority", "normal"));
    assertThat(results.get(1).getString("error")).isNotEmpty();
    assertThat(results.get(2)).isEqualTo(new JsonObject().put("partition", 0).put("offset", 1).put("priority", "normal"));
    assertThat(client.values("a", 0, 0)).containsExactly("x", "z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"critical", "Critical", "CRITICAL", "high", "normal", "Low", "BACKGROUND"})
  void keepsThePriority(String priority) {
    JsonObject result = client.publish("a", message("x").put("partition", 0).put("priority", priority)).get(0);
    assertThat(result.getString("priority")).isEqualTo(priority.toLowerCase(java.util.Locale.ROOT));
    assertThat(objects(client.read("a", 0, ""), "messages").get(0).getString("priority")).isEqualTo(result.getString("priority"));
  }

  @Test
  void messagesAreReadInOrderWhateverTheirPriority() {
    client.publish(
        "a",
        message("low").put("priority", "low").put("partition", 0),
        message("critical").put("priority", "critical").put("partition", 0),
        message("normal").put("partition", 0));
    assertThat(client.values("a", 0, 0)).containsExactly("low", "critical", "normal");
  }

  @ParameterizedTest
  @CsvSource({"user-100, 3, 0", "user-123, 3, 1", "order-42, 4, 2", "é, 7, 3"})
  void theKeyChoosesThePartition(String key, int partitions, int partition) {
    client.create("b", partitions);
    assertThat(client.publish("b", message("x").put("key", key), message("y").put("key", key)))
        .extracting(result -> result.getInteger("partition"))
        .containsExactly(partition, partition);
  }

  @Test
  void messagesWithoutAKeyGoToOnePartitionAfterTheOther() {
    client.create("b", 4);
    List<JsonObject> results = client.publish("b", IntStream.range(0, 6).mapToObj(i -> message("" + i)).toArray(JsonObject[]::new));
    assertThat(results).extracting(result -> result.getInteger("partition")).containsExactly(0, 1, 2, 3, 0, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "é€😀", "a\u0000b", "</script>&\u2028", "\"\\"})
  void textComesBackAsItWas(String text) {
    client.publish("a", message(text).put("key", "k" + text).put("partition", 0));
    JsonObject read = objects(client.read("a", 0, ""), "messages").get(0);
    assertThat(read.getString("value")).isEqualTo(text);
    assertThat(read.getString("key")).isEqualTo("k" + text);
  }

  @Test
  void bytesThatAreNoTextAreReplaced() {
    server
        .transport()
        .streams()
        .orElseThrow()
        .publish(STREAM, List.of(Event.builder(new byte[] {'a', (byte) 0xff, 'b'}).partition(0).build()), deadline())
        .join();
    assertThat(client.values("a", 0, 0)).containsExactly("a\ufffdb");
  }

  /** The message came by another protocol: a key that was changed would be another one. */
  @Test
  void aKeyThatIsNoTextIsLeftOut() {
    Event<byte[]> event = Event.builder(new byte[] {'v'}).key(new byte[] {'k', (byte) 0xff}).partition(0).build();
    server.transport().streams().orElseThrow().publish(STREAM, List.of(event), deadline()).join();
    JsonObject read = objects(client.read("a", 0, ""), "messages").get(0);
    assertThat(read.getString("value")).isEqualTo("v");
    assertThat(read.containsKey("key")).isFalse();
  }

  @Test
  void whatIsPublishedIsOnTheStreamAsItIs() {
    client.publish("a", message("é").put("key", "k").put("partition", 1).put("priority", "low"));
    List<Message<byte[]>> read = server.transport().streams().orElseThrow().read(new ReadSpec(STREAM, 1, 0, 10, 1 << 20), deadline()).join().messages();
    assertThat(read).hasSize(1);
    assertThat(new String(read.get(0).value(), StandardCharsets.UTF_8)).isEqualTo("é");
    assertThat(read.get(0).key()).isEqualTo(EventKey.of("k"));
    assertThat(read.get(0).priority()).isEqualTo(-1);
  }

  private Deadline deadline() {
    return Deadline.after(time, Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1m30s", "+90s", "0.025h"})
  void aDelayedMessageComesWhenItIsDue(String delay) {
    JsonObject result = client.publish("a", message("later").put("partition", 1).put("delay", delay)).get(0);
    assertThat(result)
        .isEqualTo(
            new JsonObject()
                .put("partition", 1)
                .put("offset", 0)
                .put("priority", "normal")
                .put("delayed", true)
                .put("deliverAt", GoTime.seconds(time.now().plusSeconds(90))));
    client.publish("a", message("now").put("partition", 1));
    time.advance(Duration.ofSeconds(90).minusNanos(1));
    assertThat(client.values("a", 1, 0)).containsExactly("now");
    time.advance(Duration.ofNanos(1));
    assertThat(client.values("a", 1, 0)).containsExactly("now", "later");
    assertThat(client.values("a", 1, 2)).containsExactly("later");
  }

  @Test
  void aMessageMayBeDueAtATimeOfAnyZone() {
    String due = GoTime.nanos(time.now().plusMillis(90_250).atOffset(ZoneOffset.ofHours(5)));
    JsonObject result = client.publish("a", message("later").put("partition", 0).put("deliverAt", due)).get(0);
    assertThat(result.getString("deliverAt")).isEqualTo(GoTime.seconds(time.now().plusMillis(90_250).atOffset(ZoneOffset.ofHours(5))));
    time.advance(Duration.ofMillis(90_249));
    assertThat(client.values("a", 0, 0)).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(client.values("a", 0, 0)).containsExactly("later");
  }

  @Test
  void theDelayWinsOverTheTime() {
    client.publish("a", message("x").put("partition", 0).put("delay", "1s").put("deliverAt", "never"));
    time.advance(Duration.ofSeconds(1));
    assertThat(client.values("a", 0, 0)).containsExactly("x");
  }

  @ParameterizedTest
  @CsvSource({"delay, 0", "delay, -5s", "deliverAt, 2000-01-01T00:00:00Z"})
  void whatIsDueIsThereAtOnce(String name, String when) {
    JsonObject result = client.publish("a", message("x").put("partition", 0).put(name, when)).get(0);
    assertThat(result.fieldNames()).containsExactly("partition", "offset", "priority");
    assertThat(client.values("a", 0, 0)).containsExactly("x");
  }

  @Test
  void leavesATraceOfWhatBecameOfMessages() {
    client.publish("a", message("x").put("partition", 1), message("y").put("partition", 7));
    client.values("a", 1, 0);
    List<JsonObject> traces = objects(client.json.get("/traces"), "traces");
    assertThat(traces).extracting(trace -> trace.getString("status")).containsExactly("failed", "in_progress");
    JsonObject trace = client.json.get("/traces/" + traces.get(1).getString("trace_id"));
    assertThat(objects(trace, "spans"))
        .extracting(span -> span.getString("event_type"))
        .containsExactly("publish.received", "publish.persisted", "consume.fetched");
    client.json.expect(200, "DELETE", "/topics/a", null);
    client.create("a", 2);
    client.publish("a", message("x").put("partition", 1));
    assertThat(client.json.get("/traces/" + traces.get(1).getString("trace_id"))).isEqualTo(trace);
  }

  @Test
  void takesAsManyMessagesAsFitIntoABody() {
    client.create("b", 1);
    JsonArray messages = new JsonArray();
    IntStream.range(0, 12_000).forEach(i -> messages.add(message("" + i)));
    assertThat(client.json.post("/topics/b/messages", new JsonObject().put("messages", messages)).getJsonArray("results")).hasSize(12_000);
    assertThat(client.json.get("/topics/b").getJsonObject("partition_offsets").getJsonObject("0").getInteger("latest")).isEqualTo(11_999);
  }
}
