package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Outcome;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherTest extends GoQueueTest {
  private static final String POST = "POST /topics/orders/messages";
  private final AtomicLong offsets = new AtomicLong();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Everything is stored, where the request says. */
  private void stores() {
    server.on(
        POST,
        q -> {
          JsonArray results = new JsonArray();
          for (JsonObject message : messages(q)) {
            results.add(new JsonObject().put("partition", message.getInteger("partition", 0)).put("offset", offsets.getAndIncrement()));
          }
          return new ScriptedHttp.Reply(200, new JsonObject().put("results", results).encode());
        });
  }

  private static List<JsonObject> messages(ScriptedHttp.Asked request) {
    return request.json().getJsonArray("messages").stream().map(JsonObject.class::cast).toList();
  }

  private List<Outcome<Position>> publish(List<Event<byte[]>> events) throws Exception {
    return get(streams().publish(NAME, events, soon()));
  }

  private JsonObject sent(Event<byte[]> event) throws Exception {
    publish(List.of(event)).get(0).orThrow();
    return messages(server.asked(POST).get(server.asked(POST).size() - 1)).get(0);
  }

  @Test
  void sendsWhatAnEventHas() throws Exception {
    stores();
    topic("orders", 1, 0, -1);
    version("tributary 1");
    assertThat(sent(Event.of(bytes("größer \"x\"\n\u0001")))).isEqualTo(new JsonObject().put("value", "größer \"x\"\n\u0001"));
    assertThat(sent(Event.builder(bytes("v")).key("k/ü").partition(2).delay(Duration.ofMillis(1500)).priority(2).build()))
        .isEqualTo(new JsonObject().put("value", "v").put("key", "k/ü").put("partition", 2).put("delay", "1.5s").put("priority", "critical"));
    assertThat(sent(Event.builder(bytes("v")).headers(Map.of("a", "b")).build()).getString("value"))
        .isEqualTo("{\"tributary\":1,\"headers\":{\"a\":\"b\"},\"text\":\"v\"}");
    assertThat(sent(Event.of(new byte[] {(byte) 0xff})).getString("value")).isEqualTo("{\"tributary\":1,\"base64\":\"/w==\"}");
    assertThat(sent(Event.of(bytes("{\"tributary\":1,"))).getString("value")).startsWith("{\"tributary\":1,\"text\":");
    assertThat(sent(Event.of(new byte[0])).getString("value")).isEmpty();
  }

  @Test
  void givesEachPartitionItsTurn() throws Exception {
    stores();
    topic("orders", 3, 0, -1);
    publish(IntStream.range(0, 6).mapToObj(i -> Event.of(bytes("e"))).toList());
    List<Integer> partitions = messages(server.asked(POST).get(0)).stream().map(message -> message.getInteger("partition")).toList();
    assertThat(partitions.subList(0, 3)).containsExactlyInAnyOrder(0, 1, 2).isEqualTo(partitions.subList(3, 6));
    assertThat(server.asked("GET /topics/orders")).hasSize(1);
  }

  @Test
  void leavesThePartitionOfAKeyToTheServer() throws Exception {
    stores();
    assertThat(sent(Event.builder(bytes("v")).key("k").build()).containsKey("partition")).isFalse();
    assertThat(server.asked("GET /topics/orders")).isEmpty();
  }

  @Test
  void splitsWhatDoesNotFitAndKeepsTheOrder() throws Exception {
    stores();
    topic("orders", 1, 0, -1);
    List<Event<byte[]>> events = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      // Every other one is twice as large on the wire.
      events.add(Event.of(bytes(i + (i % 2 == 0 ? "x" : "\"").repeat(100_000))));
    }
    List<Outcome<Position>> outcomes = publish(events);
    assertThat(outcomes).extracting(outcome -> outcome.orThrow().offset()).isSorted().doesNotHaveDuplicates().hasSize(40);
    List<ScriptedHttp.Asked> requests = server.asked(POST);
    assertThat(requests).hasSizeBetween(6, 8).allMatch(request -> bytes(request.body()).length <= 1 << 20);
    List<String> values = requests.stream().flatMap(request -> messages(request).stream()).map(m -> m.getString("value")).toList();
    assertThat(values).isEqualTo(events.stream().map(event -> new String(event.value(), StandardCharsets.UTF_8)).toList());
  }

  @Test
  void refusesWhatCannotBeSentAndSendsTheRest() throws Exception {
    stores();
    topic("orders", 1, 0, -1);
    version("tributary 1");
    List<Outcome<Position>> outcomes =
        publish(
            List.of(
                Event.of(bytes("one")),
                Event.builder(bytes("v")).key("\u0001".repeat(200_000)).build(),
                Event.builder(bytes("v")).priority(3).build(),
                Event.builder(bytes("v")).key("\ud800").build(),
                Event.builder(bytes("v")).key("").build(),
                Event.builder(bytes("v")).header("h", "\udc00").build(),
                Event.of(bytes("two"))));
    assertThat(outcomes).extracting(Outcome::succeeded).containsExactly(true, false, false, false, false, false, true);
    assertThat(outcomes.get(1).error()).isInstanceOf(PayloadTooLargeException.class);
    assertThat(outcomes.subList(2, 6)).allMatch(outcome -> outcome.error() instanceof InvalidRequestException);
    assertThat(messages(server.asked(POST).get(0))).extracting(message -> message.getString("value")).containsExactly("one", "two");
  }

  @Test
  void aTextThatWouldNotFitGoesAsBytes() throws Exception {
    stores();
    topic("orders", 1, 0, -1);
    for (String text : List.of("\0".repeat(778_240), "\"".repeat(778_240), "\n".repeat(600_000))) {
      assertThat(sent(Event.of(bytes(text))).getString("value")).startsWith("{\"tributary\":1,\"base64\":");
      assertThat(sent(Event.builder(bytes(text)).header("a", "b").build()).getString("value"))
          .startsWith("{\"tributary\":1,\"headers\":{\"a\":\"b\"},\"base64\":");
    }
    for (String text : List.of("x".repeat(778_240), "\0".repeat(160_000), "\"".repeat(490_000))) {
      assertThat(sent(Event.of(bytes(text))).getString("value")).isEqualTo(text);
    }
    assertThat(sent(Event.builder(bytes("\0".repeat(140_000))).header("a", "b").build()).getString("value")).contains("\"text\":");
  }

  @Test
  void afterAPublishThatGotNoAnswerTheServerIsAskedSomethingHarmlessFirst() throws Exception {
    version("tributary 1");
    AtomicBoolean away = new AtomicBoolean(true);
    server.faults(q -> away.get() ? ScriptedHttp.Reply.BREAK : null);
    stores();
    List<Event<byte[]>> events = List.of(Event.builder(bytes("a")).key("k").build());
    assertThat(failure(streams().publish(NAME, events, soon()), ConnectionFailedException.class).maybeApplied()).isTrue();
    for (int i = 0; i < 5; i++) {
      ConnectionFailedException unsent = failure(streams().publish(NAME, events, soon()), ConnectionFailedException.class);
      assertThat(unsent.maybeApplied()).isFalse();
      assertThat(unsent.retryable()).isTrue();
    }
    assertThat(server.asked(POST)).hasSize(1);
    // Whoever asks: the driver, or the network before its next connection is used.
    assertThat(server.asked("GET /version").size() + server.asked("GET /health").size()).isGreaterThanOrEqualTo(5);
    away.set(false);
    publish(events).get(0).orThrow();
    publish(events).get(0).orThrow();
    assertThat(server.asked(POST)).hasSize(3);
  }

  @Test
  void sendsNothingIfAllIsRefused() throws Exception {
    version("tributary 1");
    assertThat(publish(List.of(Event.builder(bytes("v")).key("k").priority(-3).build())).get(0).error()).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked(POST)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "invalid priority: must be one of critical, high, normal, low, background|InvalidRequestException",
        "invalid delay format: x|InvalidRequestException",
        "delay 200h exceeds maximum 186h24m48.64s|InvalidRequestException",
        "invalid partition 7 (topic has 2 partitions)|InvalidRequestException",
        "failed to publish to partition 0: key exceeds maximum size 65535|PayloadTooLargeException",
        "leader unknown for orders-0|ConnectionFailedException",
        "the disk is full|ServerErrorException"
      })
  void looksAtTheErrorOfEachMessageFirst(String text, String kind) throws Exception {
    server.on(
        POST,
        q ->
            new ScriptedHttp.Reply(
                200,
                "{\"results\":[{\"partition\":0,\"offset\":7,\"extra\":[{}]},{\"partition\":0,\"offset\":0,\"error\":\"" + text + "\"}]}"));
    List<Outcome<Position>> outcomes =
        publish(List.of(Event.builder(bytes("a")).key("k").build(), Event.builder(bytes("b")).key("k").build()));
    assertThat(outcomes.get(0).orThrow()).isEqualTo(new Position(0, 7));
    assertThat(outcomes.get(1).error().getClass().getSimpleName()).isEqualTo(kind);
  }

  @Test
  void aPartitionThatWasChosenHereAndIsGoneIsLookedUpAgain() throws Exception {
    topic("orders", 3, 0, -1);
    server.on(POST, "{'results':[{'partition':0,'offset':0,'error':'invalid partition 2 (topic has 1 partitions)'}]}");
    TributaryException gone = publish(List.of(Event.of(bytes("e")))).get(0).error();
    assertThat(gone).isInstanceOf(ConnectionFailedException.class);
    assertThat(gone.retryable()).isTrue();
    topic("orders", 1, 0, -1);
    stores();
    publish(List.of(Event.of(bytes("e")))).get(0).orThrow();
    assertThat(server.asked("GET /topics/orders")).hasSize(2);
  }

  @Test
  void aTopicThatIsGoneIsForgotten() throws Exception {
    topic("orders", 2, 0, -1);
    server.on(POST, q -> ScriptedHttp.Reply.error(404, "topic not found"));
    assertThat(publish(List.of(Event.of(bytes("e")))).get(0).error()).isInstanceOf(NotFoundException.class);
    stores();
    publish(List.of(Event.of(bytes("e")))).get(0).orThrow();
    assertThat(server.asked("GET /topics/orders")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "no JSON",
        "{\"results\":null}",
        "{\"results\":{}}",
        "{\"results\":[]}",
        "{\"results\":[7]}",
        "{\"results\":[{}]}",
        "{\"results\":[{\"partition\":0,\"offset\":-1}]}",
        "{\"results\":[{\"partition\":0,\"offset\":\"7\"}]}",
        "{\"results\":[{\"partition\":99999999999,\"offset\":7}]}",
        "{\"results\":[{\"partition\":0,\"offset\":1},{\"partition\":0,\"offset\":2}]}"
      })
  void anAnswerThatIsNoneMayMeanThatItIsStored(String body) throws Exception {
    server.on(POST, q -> new ScriptedHttp.Reply(200, body));
    List<Outcome<Position>> outcomes = publish(List.of(Event.builder(bytes("a")).key("k").build()));
    assertThat(outcomes.get(0).error()).isInstanceOf(ProtocolViolationException.class);
    assertThat(outcomes.get(0).error().maybeApplied()).isTrue();
  }

  @Test
  void aFailureSaysWhetherItMayBeStored() throws Exception {
    version("tributary 1");
    List<Event<byte[]>> events = List.of(Event.builder(bytes("a")).key("k").build());
    server.on(POST, q -> ScriptedHttp.Reply.BREAK);
    assertThat(failure(streams().publish(NAME, events, soon()), ConnectionFailedException.class).maybeApplied()).isTrue();
    server.on(POST, q -> new ScriptedHttp.Reply(429, "rate limit exceeded"));
    assertThat(failure(streams().publish(NAME, events, soon()), OverloadedException.class).maybeApplied()).isFalse();
    server.on(POST, q -> ScriptedHttp.Reply.error(500, "boom"));
    TributaryException boom = publish(events).get(0).error();
    assertThat(boom).isInstanceOf(ServerErrorException.class);
    assertThat(boom.maybeApplied()).isTrue();
    server.on(POST, q -> ScriptedHttp.Reply.error(400, "invalid JSON: http: request body too large"));
    assertThat(publish(events).get(0).error()).isInstanceOf(PayloadTooLargeException.class);
  }

  @Test
  void thePublishedServerChoosesThePartitionOfDelayedEventsItself() throws Exception {
    stores();
    version("dev");
    Event<byte[]> both = Event.builder(bytes("v")).partition(0).delay(Duration.ofSeconds(1)).build();
    assertThat(publish(List.of(both)).get(0).error()).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(server.asked(POST)).isEmpty();
    publish(List.of(Event.builder(bytes("v")).key("k").delay(Duration.ofSeconds(1)).build())).get(0).orThrow();
    publish(List.of(both));
    assertThat(server.asked("GET /version")).hasSize(1);
  }
}
