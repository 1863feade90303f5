package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerLimits;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FlyMqTransactionsTest extends FlyMqTopic {
  private FlyMqClient client;

  private String begin() {
    Answers.Transaction begun = client.call(Opcode.TXN_BEGIN, Message.EMPTY);
    assertThat(begun.success()).isTrue();
    return begun.id();
  }

  private Answers.Produced produce(String transaction, String topic, String value) {
    return client.call(Opcode.TXN_PRODUCE, new Requests.ProduceInTransaction(transaction, topic, FlyMqClient.bytes(value)));
  }

  private String refused(String transaction) {
    return client.refused(Opcode.TXN_PRODUCE, new Requests.ProduceInTransaction(transaction, "t", new byte[1]));
  }

  private boolean end(Opcode how, String transaction) {
    Answers.Transaction ended = client.call(how, new Requests.Name(transaction));
    assertThat(ended.id()).isEqualTo(transaction);
    return ended.success();
  }

  private int records(String topic) {
    return client.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch(topic, 0, 0, 100, "")).records().size();
  }

  @Test
  void nothingIsSeenBeforeTheCommitAndAllOfItAfter() {
    client = connect(start());
    String transaction = begin();
    assertThat(transaction).startsWith("txn-producer-");
    assertThat(produce(transaction, "t", "a").offset()).isZero();
    FlyMqClient other = client;
    client = connect(opened(EmbeddedServer.flymq().start()));
    assertThat(refused(transaction)).as("of another server").isEqualTo("E0 transaction not found: " + transaction);
    client = other;
    produce(transaction, "u", "b");
    assertThat(records("t") + records("u")).isZero();
    assertThat(end(Opcode.TXN_COMMIT, transaction)).isTrue();
    assertThat(records("t") + records("u")).isEqualTo(2);
    assertThat(end(Opcode.TXN_COMMIT, transaction)).as("again").isFalse();
    assertThat(end(Opcode.TXN_ROLLBACK, transaction)).isFalse();
    assertThat(refused(transaction)).isEqualTo("E0 transaction is not active: committed");
  }

  @Test
  void anyConnectionMayGoOnWithIt() {
    EmbeddedServer server = start();
    client = connect(server);
    String transaction = begin();
    produce(transaction, "t", "a");
    client.close();
    client = connect(server);
    produce(transaction, "t", "b");
    assertThat(end(Opcode.TXN_COMMIT, transaction)).isTrue();
    assertThat(records("t")).isEqualTo(2);
  }

  @Test
  void aRollbackIsTrueOnceAndLeavesNothing() {
    client = connect(start());
    String transaction = begin();
    produce(transaction, "t", "a");
    assertThat(end(Opcode.TXN_ROLLBACK, transaction)).isTrue();
    assertThat(end(Opcode.TXN_ROLLBACK, transaction)).isFalse();
    assertThat(end(Opcode.TXN_COMMIT, transaction)).isFalse();
    assertThat(refused(transaction)).isEqualTo("E0 transaction is not active: aborted");
    assertThat(end(Opcode.TXN_ROLLBACK, "txn-0")).isFalse();
    assertThat(records("t")).isZero();
  }

  @Test
  void oneThatTakesTooLongIsAborted() {
    client = connect(start());
    String transaction = begin();
    produce(transaction, "t", "a");
    time.advance(Duration.ofSeconds(59));
    produce(transaction, "t", "b");
    time.advance(Duration.ofSeconds(1));
    assertThat(refused(transaction)).isEqualTo("E0 transaction is not active: aborted");
    assertThat(end(Opcode.TXN_COMMIT, transaction)).isFalse();
    assertThat(records("t")).isZero();
  }

  @Test
  void aCommitThatFailsInTheMiddleLeavesNothing() {
    client = connect(start());
    String transaction = begin();
    produce(transaction, "t", "a");
    produce(transaction, "u", "b");
    client.<Answers.Done>call(Opcode.DELETE_TOPIC, new Requests.Name("u"));
    assertThat(end(Opcode.TXN_COMMIT, transaction)).isFalse();
    assertThat(records("t")).isZero();
    assertThat(end(Opcode.TXN_ROLLBACK, transaction)).isFalse();
  }

  @Test
  void whatWaitsInTransactionsIsBoundedAndFreed() {
    client = connect(opened(EmbeddedServer.flymq().time(time).limits(ServerLimits.DEFAULT.withHeldBytes(100_000)).start()));
    for (int i = 0; i < 20; i++) {
      String transaction = begin();
      produce(transaction, "t", "x".repeat(60_000));
      assertThat(client.refused(Opcode.TXN_PRODUCE, new Requests.ProduceInTransaction(transaction, "t", new byte[60_000])))
          .isEqualTo("E0 transactions hold too much: 100000 bytes are allowed");
      assertThat(end(i % 2 == 0 ? Opcode.TXN_COMMIT : Opcode.TXN_ROLLBACK, transaction)).isTrue();
    }
    for (int i = 0; i < 1_000; i++) {
      begin();
    }
    assertThat(client.refused(Opcode.TXN_BEGIN, Message.EMPTY)).isEqualTo("E0 too many transactions: 1000 are open");
    time.advance(Duration.ofMinutes(1));
    begin();
  }

  @Test
  void whereTheFeatureIsOffEverythingSeemsToWork() {
    client = connect(start(Quirk.FLYMQ_FEATURES_OFF));
    String transaction = begin();
    assertThat(transaction).matches("txn-[0-9]+");
    produce(transaction, "t", "a");
    assertThat(records("t")).as("at once").isEqualTo(1);
    assertThat(end(Opcode.TXN_ROLLBACK, transaction)).isTrue();
    assertThat(end(Opcode.TXN_COMMIT, "anything")).isTrue();
    assertThat(records("t")).isEqualTo(1);
  }
}
