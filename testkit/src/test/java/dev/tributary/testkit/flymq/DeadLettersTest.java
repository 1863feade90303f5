package dev.tributary.testkit.flymq;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static dev.tributary.testkit.wire.Outcomes.of;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import java.nio.charset.StandardCharsets;
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
    DeadLetterRecord letter = new DeadLetterRecord(id, "orders", 0, bytes, DeadLetterRecord.FAILED, "boom", 3, null, null, Map.of());
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
  void aServerThatKeepsNoneSaysSo() throws Exception {
    server.close();
    server = EmbeddedServer.flymq().emulate(Quirk.FLYMQ_FEATURES_OFF).start();
    client.close();
    client = connect();
    EventStream<String> orders = orders();
    for (var call : List.of(orders.deadLetters().list(10), orders.deadLetters().replay("m1"), orders.deadLetters().purge())) {
      TributaryException error = failure(call);
      assertThat(error).isInstanceOf(UnsupportedFeatureException.class);
      assertThat(error.hint()).contains("FLYMQ_DLQ_ENABLED");
    }
  }
}
