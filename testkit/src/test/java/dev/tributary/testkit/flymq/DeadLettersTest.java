package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.flymq.FlyMqClient;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What failed for good is what clients put beside a stream: here by hand. */
@Timeout(60)
class DeadLettersTest {
  private EmbeddedServer server = EmbeddedServer.flymq().start();
  private Tributary client = connect();

  private Tributary connect() {
    return Tributary.connect(ClientConfig.parse(server.uri()));
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private EventStream<String> orders() throws Exception {
    of(client.admin().createStream("orders", StreamConfig.partitions(1)));
    return client.stream("orders", Codecs.text());
  }

  private void die(String id, String value) throws Exception {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    DeadLetterRecord letter = new DeadLetterRecord(id, "orders", -1, 0, null, bytes, DeadLetterRecord.FAILED, "boom", 3, null, null, Map.of());
    of(client.stream("orders.dlq").publish(letter.json()));
  }

  @Test
  void theyAreListedPutBackAndDropped() throws Exception {
    EventStream<String> orders = orders();
    assertThat(of(orders.deadLetters().list(10))).isEmpty();
    die("m1", "one");
    die("m2", "two");
    List<DeadLetter<String>> letters = of(orders.deadLetters().list(10));
    assertThat(letters).extracting(DeadLetter::id).containsExactly("m1", "m2");
    assertThat(letters.get(0).value()).isEqualTo("one");
    assertThat(letters.get(0).attempts()).hasValue(4);
    assertThat(letters.get(0).reason()).isEqualTo("boom");
    of(orders.deadLetters().replay("m2"));
    assertThat(of(orders.read(0, 0, 10))).extracting(Message::value).containsExactly("two");
    assertThat(of(orders.deadLetters().list(10))).extracting(DeadLetter::id).containsExactly("m1");
    assertThat(failure(orders.deadLetters().replay("m2"))).isInstanceOf(NotFoundException.class);
    of(orders.deadLetters().purge());
    assertThat(of(orders.deadLetters().list(10))).isEmpty();
  }

  @Test
  void ofAStreamThatIsNotThereThereAreNone() throws Exception {
    assertThat(failure(client.stream("nowhere").deadLetters().list(1))).isInstanceOf(NotFoundException.class);
  }

  @Test
  void whatAnotherClientSaysOfALetterIsRead() throws Exception {
    EventStream<String> orders = orders();
    String json =
        """
        {"id":"m1","original_topic":"orders","original_offset":7,"payload":"b25l","reason":"validation_failed","error_message":"too large",\
        "retry_count":0,"first_failed_at":"2026-01-02T03:04:05+01:00","last_failed_at":"2026-01-02T03:04:06.5Z","headers":{"a":"b"}}""";
    EventStream<String> letters = client.stream("orders.dlq", Codecs.text());
    of(letters.publish("odd"));
    of(letters.publish(json));
    of(letters.publish("{\"id\":7}"));
    assertThat(of(orders.deadLetters().list(10)))
        .containsExactly(
            DeadLetter.builder("one")
                .id("m1")
                .header("a", "b")
                .attempts(1)
                .reason("too large")
                .firstFailedAt(Instant.parse("2026-01-02T02:04:05Z"))
                .failedAt(Instant.parse("2026-01-02T03:04:06.500Z"))
                .build());
  }

  @Test
  void whatIsAddedIsWhatOtherClientsRead() throws Exception {
    EventStream<String> orders = orders();
    of(orders.publish(Event.builder("one").key("k").header("h", "v").build()));
    String id = of(orders.deadLetters().add(DeadLetter.builder(of(orders.read(0, 0, 1)).get(0)).attempts(3).reason("boom").build()));
    assertThat(of(client.stream("orders.dlq").partitions())).as("servers look at the first").isEqualTo(1);
    DeadLetterRecord record = DeadLetterRecord.parse(of(client.stream("orders.dlq").read(0, 0, 1)).get(0).value());
    assertThat(record.id()).isEqualTo(id);
    assertThat(record.topic()).isEqualTo("orders");
    assertThat(record.offset()).isZero();
    assertThat(record.reason()).isEqualTo(DeadLetterRecord.EXHAUSTED);
    assertThat(record.error()).isEqualTo("boom");
    assertThat(record.retries()).isEqualTo(2);
    assertThat(record.lastFailedAt()).isNotNull();
    assertThat(new String(record.payload(), StandardCharsets.UTF_8)).as("as it was in the stream, headers included").contains("\"h\":\"v\"", "one");
  }

  @Test
  void aTopicOfLettersWithMorePartitionsIsRefused() throws Exception {
    EventStream<String> orders = orders();
    of(client.admin().createStream("orders.dlq", StreamConfig.partitions(2)));
    TributaryException error = failure(orders.deadLetters().add(DeadLetter.builder("one").build()));
    assertThat(error).isInstanceOf(InvalidRequestException.class).hasMessageContaining("2 partitions");
  }

  @Test
  void aLetterThatWasStoredTwiceIsOne() throws Exception {
    EventStream<String> orders = orders();
    die("m1", "one");
    die("m1", "one");
    assertThat(of(orders.deadLetters().list(10))).hasSize(1);
    of(orders.deadLetters().replay("m1"));
    assertThat(of(orders.deadLetters().list(10))).isEmpty();
  }

  @Test
  void aPublicServerKeepsWhatItPutsBackAndTheKeyGoesWithIt() throws Exception {
    serve(Quirk.SHIPPED_FLYMQ);
    EventStream<String> orders = orders();
    of(orders.publish(Event.builder("one").key("k").build()));
    DeadLetter<String> letter = DeadLetter.builder(of(orders.read(0, 0, 1)).get(0)).build();
    String id = of(orders.deadLetters().add(letter));
    of(orders.deadLetters().replay(id));
    assertThat(of(orders.read(0, 1, 1)).get(0).key()).isEqualTo(letter.key());
    of(orders.deadLetters().add(letter));
    assertThat(of(orders.deadLetters().list(10))).extracting(DeadLetter::id).containsExactly(id);
    assertThat(failure(orders.deadLetters().replay("unknown"))).isInstanceOf(NotFoundException.class);
  }

  @Test
  void aGroupSaysHowManyConnectionsTheServerCounts() throws Exception {
    EventStream<String> orders = orders();
    assertThat(of(orders.groupState("g")).memberCount()).hasValue(0);
    try (FlyMqClient other = new FlyMqClient(server)) {
      other.<Answers.Offset>call(Opcode.SUBSCRIBE, new Requests.Subscribe("orders", "g", 0, "earliest"));
      assertThat(of(orders.groupState("g")).memberCount()).hasValue(1);
      assertThat(of(orders.groupState("g")).members()).isEmpty();
    }
  }

  private void serve(Quirk quirk) {
    client.close();
    server.close();
    server = EmbeddedServer.flymq().emulate(quirk).start();
    client = connect();
  }

  @Test
  void aServerThatKeepsNoneSaysSo() throws Exception {
    serve(Quirk.FLYMQ_FEATURES_OFF);
    EventStream<String> orders = orders();
    for (var call : List.of(
            orders.deadLetters().list(10),
            orders.deadLetters().add(DeadLetter.builder("one").build()),
            orders.deadLetters().replay("m1"),
            orders.deadLetters().purge())) {
      TributaryException error = failure(call);
      assertThat(error).isInstanceOf(UnsupportedFeatureException.class);
      assertThat(error.hint()).contains("FLYMQ_DLQ_ENABLED");
    }
  }
}
