package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Answers.DeadLetter;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlyMqDeadLettersTest extends FlyMqTopic {
  private FlyMqClient client;

  private void bury(String id, String value) {
    DeadLetterRecord record =
        new DeadLetterRecord(id, "t", -1, 7, null, FlyMqClient.bytes(value), DeadLetterRecord.FAILED, "boom", 3, Instant.EPOCH, null, Map.of("a", "b"));
    produce(FlyMqClient.text(record.json()));
  }

  private void produce(String value) {
    client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t.dlq", "", value, -1));
  }

  private List<String> ids(int max) {
    return client.<Answers.DeadLetters>call(Opcode.FETCH_DLQ, new Requests.FetchDeadLetters("t", max)).letters().stream().map(DeadLetter::id).toList();
  }

  private Answers.Outcome replay(String id) {
    return client.call(Opcode.REPLAY_DLQ, new Requests.ReplayDeadLetter("t", id));
  }

  @Test
  void lettersAreShownAndWhatIsNoneIsPassedOver() {
    client = connect(start());
    assertThat(ids(10)).isEmpty();
    bury("m1", "one");
    produce("no letter");
    produce("{\"id\":\"m\"}");
    bury("m2", "two");
    assertThat(ids(10)).containsExactly("m1", "m2");
    assertThat(ids(3)).as("so many records are looked at").containsExactly("m1");
    assertThat(ids(0)).isEmpty();
    assertThat(ids(-1)).isEmpty();
    DeadLetter first = client.<Answers.DeadLetters>call(Opcode.FETCH_DLQ, new Requests.FetchDeadLetters("t", 1)).letters().get(0);
    assertThat(FlyMqClient.text(first.payload())).isEqualTo("one");
    assertThat(first.error()).isEqualTo("boom");
    assertThat(first.retries()).isEqualTo(3);
  }

  @Test
  void noMoreAreShownThanFitIntoAnAnswer() {
    client = connect(start());
    for (int i = 0; i < 4; i++) {
      bury("m" + i, "x".repeat(10 << 20));
    }
    assertThat(ids(10)).as("each takes a third more as it is stored").containsExactly("m0", "m1");
    assertThat(replay("m3").success()).isTrue();
  }

  @Test
  void aLetterThatIsReplayedIsGoneFromHereAndBackWhereItCameFrom() {
    EmbeddedServer server = start();
    client = connect(server);
    for (int i = 0; i < 5; i++) {
      bury("m" + i, "v" + i);
    }
    assertThat(replay("m2")).isEqualTo(new Answers.Outcome(true, "OK"));
    assertThat(replay("m2")).isEqualTo(new Answers.Outcome(false, "message not found"));
    assertThat(ids(10)).containsExactly("m0", "m1", "m3", "m4");
    replay("m0");
    replay("m1");
    assertThat(ids(10)).containsExactly("m3", "m4");
    assertThat(ids(1)).as("what is gone is not looked at").containsExactly("m3");
    assertThat(client.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 10, "")).records().stream().map(r -> FlyMqClient.text(r.value())))
        .containsExactly("v2", "v0", "v1");
    assertThat(client.<Answers.Groups>call(Opcode.LIST_GROUPS, Message.EMPTY).groups()).as("how that is known is nobody's concern").isEmpty();
    FlyMqClient other = connect(opened(EmbeddedServer.flymq().transport(server.transport()).start()));
    assertThat(other.<Answers.DeadLetters>call(Opcode.FETCH_DLQ, new Requests.FetchDeadLetters("t", 10)).letters()).hasSize(2);
  }

  @Test
  void allOfThemArePurged() {
    client = connect(start());
    bury("m1", "one");
    replay("m1");
    bury("m2", "two");
    assertThat(client.<Answers.Outcome>call(Opcode.PURGE_DLQ, new Requests.Name("t"))).isEqualTo(new Answers.Outcome(true, "OK"));
    assertThat(client.<Answers.Outcome>call(Opcode.PURGE_DLQ, new Requests.Name("t")).success()).isTrue();
    assertThat(ids(10)).isEmpty();
    bury("m3", "three");
    assertThat(ids(10)).containsExactly("m3");
    assertThat(replay("x")).isEqualTo(new Answers.Outcome(false, "message not found"));
    assertThat(client.<Answers.Outcome>call(Opcode.REPLAY_DLQ, new Requests.ReplayDeadLetter("u", "x")).success()).isFalse();
    assertThat(client.<Answers.Outcome>call(Opcode.PURGE_DLQ, new Requests.Name("a/b")).message()).startsWith("invalid topic name");
  }

  @Test
  void asShippedALetterStaysAndWithoutTheFeatureThereIsNone() {
    client = connect(start(Quirk.SHIPPED_FLYMQ));
    bury("m1", "one");
    replay("m1");
    assertThat(replay("m1").success()).isTrue();
    assertThat(ids(10)).containsExactly("m1");
    client = connect(start(Quirk.FLYMQ_FEATURES_OFF));
    bury("m1", "one");
    assertThat(ids(10)).isEmpty();
    assertThat(replay("m1")).isEqualTo(new Answers.Outcome(false, "DLQ not enabled"));
  }
}
