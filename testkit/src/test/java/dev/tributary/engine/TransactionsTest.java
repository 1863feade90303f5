package dev.tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.TransactionOptions;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TransactionTransport.Session;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TransactionsTest extends EngineFixture {
  private Session begin() {
    return begin(TransactionOptions.DEFAULT);
  }

  private Session begin(TransactionOptions options) {
    return now(transport.transactions().orElseThrow().begin(options, deadline));
  }

  private Optional<Position> publish(Session tx, String stream, String value) {
    return now(tx.publish(name(stream), List.of(Event.of(bytes(value))), deadline)).get(0).orThrow();
  }

  private EnqueueResult enqueue(Session tx, NewJob<byte[]> job) {
    return now(tx.enqueue(name("q"), List.of(job), deadline)).get(0).orThrow();
  }

  @Test
  void nothingIsVisibleUntilTheCommitAndThenEverything() {
    CompletableFuture<List<LeasedJob>> waiting = waitFor("q", 1, MINUTE);
    Session tx = begin();
    assertThat(tx.id()).matches("[0-9a-f]{32}");
    assertThat(publish(tx, "s", "a")).isEmpty();
    publish(tx, "s2", "b");
    EnqueueResult job = enqueue(tx, NewJob.of(bytes("j")));
    publish("s", "outside");
    assertThat(read("s", 0, 0)).containsExactly("0:outside");
    assertThat(waiting).isNotDone();
    now(tx.commit(deadline));
    assertThat(read("s", 0, 0)).containsExactly("0:outside", "1:a");
    assertThat(read("s2", 0, 0)).containsExactly("0:b");
    assertThat(now(waiting).get(0).id()).isEqualTo(job.id());
    assertThat(time.pendingTimers()).as("only the lease").isEqualTo(1);
  }

  @Test
  void anAbortedTransactionLeavesNothing() {
    Session tx = begin();
    publish(tx, "s", "a");
    now(tx.abort(deadline));
    now(tx.abort(deadline));
    assertThat(error(tx.commit(deadline))).isInstanceOf(ConflictException.class);
    assertThat(error(tx.publish(name("s"), List.of(), deadline))).isInstanceOf(ConflictException.class);
    assertThat(read("s", 0, 0)).isEmpty();
  }

  @Test
  void aCommittedTransactionIsOver() {
    Session tx = begin();
    now(tx.commit(deadline));
    assertThat(error(tx.commit(deadline))).isInstanceOf(ConflictException.class);
    assertThat(error(tx.abort(deadline))).isInstanceOf(ConflictException.class);
    assertThat(error(tx.enqueue(name("q"), List.of(), deadline))).isInstanceOf(ConflictException.class);
  }

  @Test
  void theTimeoutAborts() {
    Session tx = begin(TransactionOptions.timeout(Duration.ofSeconds(5)));
    publish(tx, "s", "a");
    time.advance(Duration.ofSeconds(5).minusNanos(1));
    Session other = begin();
    time.advance(Duration.ofNanos(1));
    assertThat(error(tx.commit(deadline))).isInstanceOf(ConflictException.class);
    now(tx.abort(deadline));
    now(other.commit(deadline));
    assertThat(read("s", 0, 0)).isEmpty();
  }

  @Test
  void aSecondHolderOfAProducersNameFencesTheFirst() {
    Session first = begin(TransactionOptions.producer("p"));
    publish(first, "s", "zombie");
    Session second = begin(TransactionOptions.producer("p"));
    Session others = begin(TransactionOptions.producer("p2"));
    publish(second, "s", "a");
    assertThat(error(first.publish(name("s"), List.of(), deadline))).isInstanceOf(ConflictException.class);
    assertThat(error(first.commit(deadline))).isInstanceOf(ConflictException.class);
    now(first.abort(deadline));
    now(second.commit(deadline));
    now(others.commit(deadline));
    assertThat(read("s", 0, 0)).containsExactly("0:a");
    now(begin(TransactionOptions.producer("p")).commit(deadline));
  }

  @Test
  void deduplicationHoldsAcrossTheCommit() {
    NewJob<byte[]> job = NewJob.builder(bytes("j")).deduplicationId("id").build();
    Event<byte[]> event = Event.builder(bytes("e")).deduplicationId("id").build();
    Session tx = begin();
    enqueue(tx, job);
    now(tx.publish(name("s"), List.of(event), deadline));
    EnqueueResult outside = enqueue("q", job);
    publish("s", event);
    assertThat(enqueue(tx, job)).isEqualTo(new EnqueueResult(outside.id(), outside.sequence(), true));
    now(tx.commit(deadline));
    assertThat(take("q", 10)).hasSize(1);
    assertThat(read("s", 0, 0)).containsExactly("0:e");
  }

  @Test
  void keepsItsOwnCopies() {
    byte[] mine = bytes("abc");
    Session tx = begin();
    now(tx.publish(name("s"), List.of(Event.of(mine)), deadline));
    enqueue(tx, NewJob.of(mine));
    mine[0] = 'x';
    now(tx.commit(deadline));
    assertThat(read("s", 0, 0)).containsExactly("0:abc");
    assertThat(values(take("q", 1))).containsExactly("abc");
  }

  @Test
  void aCommitThatCannotStoreAllStoresNothing() {
    now(transport.admin().orElseThrow().createStream(name("wide"), StreamConfig.partitions(2), deadline));
    Session tx = begin();
    publish(tx, "s", "a");
    now(tx.publish(name("wide"), List.of(Event.builder(bytes("b")).partition(1).build()), deadline));
    now(transport.admin().orElseThrow().delete(ResourceKind.STREAM, name("wide"), deadline));
    now(transport.admin().orElseThrow().createStream(name("wide"), StreamConfig.DEFAULT, deadline));
    assertThat(error(tx.commit(deadline))).isInstanceOf(InvalidRequestException.class);
    assertThat(read("s", 0, 0)).isEmpty();
    assertThat(error(tx.commit(deadline))).isInstanceOf(ConflictException.class);
  }

  @Test
  void closingTheClientAborts() {
    MemoryTransport other = engine.connect();
    Session tx = now(other.transactions().orElseThrow().begin(TransactionOptions.producer("p"), deadline));
    now(tx.publish(name("s"), List.of(Event.of(bytes("a"))), deadline));
    now(other.close());
    assertThat(error(tx.commit(deadline))).isInstanceOf(ClientClosedException.class);
    assertThat(read("s", 0, 0)).isEmpty();
    assertThat(time.pendingTimers()).isZero();
  }
}
