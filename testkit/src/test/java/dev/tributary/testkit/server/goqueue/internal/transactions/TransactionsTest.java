package dev.tributary.testkit.server.goqueue.internal.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.TransactionOptions;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TransactionTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.goqueue.TransportOf;
import dev.tributary.testkit.server.goqueue.internal.store.Appends;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions.Identity;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions.Publish;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions.Published;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transactions over a transport that does not always say what became of a call. */
class TransactionsTest {
  private static final Topic ORDERS = new Topic("orders", new ResourceName("default", "default", "orders"), 1);

  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).build();
  private final Scripted scripted = new Scripted();
  private final Transactions transactions = transactions();
  private final Identity producer = begun();

  /** Does what it is told to, and else what it should. */
  private static final class Scripted implements TransactionTransport, TransactionTransport.Session {
    private final Queue<CompletableFuture<?>> next = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();

    @SuppressWarnings("unchecked")
    private <T> CompletableFuture<T> call(String name, T usual) {
      calls.add(name);
      CompletableFuture<T> scripted = (CompletableFuture<T>) next.poll();
      return scripted == null ? CompletableFuture.completedFuture(usual) : scripted;
    }

    @Override
    public CompletableFuture<Session> begin(TransactionOptions options, Deadline deadline) {
      return call("begin", this);
    }

    @Override
    public String id() {
      return "scripted";
    }

    @Override
    public CompletableFuture<List<Outcome<Optional<Position>>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
      return call("publish", List.of(Outcome.of(Optional.empty())));
    }

    @Override
    public CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(ResourceName queue, List<NewJob<byte[]>> jobs, Deadline deadline) {
      throw new UnsupportedOperationException("nobody enqueues here");
    }

    @Override
    public CompletableFuture<Void> commit(Deadline deadline) {
      return call("commit", null);
    }

    @Override
    public CompletableFuture<Void> abort(Deadline deadline) {
      return call("abort", null);
    }
  }

  private Transactions transactions() {
    Topics topics = new Topics(new TransportOf(engine.connect(), scripted));
    return new Transactions(topics, new Appends(topics), time);
  }

  private Identity begun() {
    Identity who = transactions.init("a", Duration.ofSeconds(60), deadline()).join();
    begin(who);
    return who;
  }

  private void begin(Identity who) {
    transactions.begin(who.producer(), who.epoch(), "a", deadline()).join();
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static TributaryException unknown() {
    return new ConnectionFailedException(ErrorInfo.of("it broke off", "Look").maybeApplied(true));
  }

  private static TributaryException unsent() {
    return new ConnectionFailedException(ErrorInfo.of("it did not begin", "Try again"));
  }

  @Test
  void usesNoNumberOfWhatWasNotSent() {
    scripted.next.add(CompletableFuture.failedFuture(unsent()));
    assertThatThrownBy(publish(0)::join).hasCauseInstanceOf(ConnectionFailedException.class);
    assertThat(publish(0).join().duplicate()).isFalse();
    scripted.next.add(
        CompletableFuture.completedFuture(List.of(Outcome.failed(InvalidRequestException.of("too large", "Send less")))));
    assertThatThrownBy(publish(1)::join).hasCauseInstanceOf(InvalidRequestException.class);
    assertThat(publish(1).join().duplicate()).isFalse();
    commit().join();
  }

  @Test
  void canOnlyAbortWhereItIsNotKnownWhatIsStored() {
    publish(0).join();
    scripted.next.add(CompletableFuture.failedFuture(unknown()));
    assertThatThrownBy(publish(1)::join).hasCauseInstanceOf(ConnectionFailedException.class);
    assertMismatch(publish(1), "expected Ongoing, got PrepareAbort");
    assertMismatch(commit(), "expected Ongoing, got PrepareAbort");
    abort().join();
    begin(producer);
    assertThat(publish(0).join().duplicate()).as("nothing was committed").isFalse();
  }

  @Test
  void canOnlyAbortWhereOneOutcomeIsNotKnown() {
    scripted.next.add(CompletableFuture.completedFuture(List.of(Outcome.failed(unknown()))));
    assertThatThrownBy(publish(0)::join).hasCauseInstanceOf(ConnectionFailedException.class);
    assertMismatch(commit(), "expected Ongoing, got PrepareAbort");
  }

  @Test
  void givesUpWhatDoesNotAnswer() {
    CompletableFuture<Object> never = new CompletableFuture<>();
    scripted.next.add(never);
    CompletableFuture<Published> stuck = publish(0);
    CompletableFuture<Void> waiting = abort();
    time.advance(Duration.ofSeconds(30));
    assertThat(never).isCancelled();
    assertThat(stuck).isCompletedExceptionally();
    assertThat(waiting).isCompleted();
  }

  @Test
  void finishesWhatItsClientGaveUp() {
    CompletableFuture<List<Outcome<Optional<Position>>>> slow = new CompletableFuture<>();
    scripted.next.add(slow);
    publish(0).cancel(true);
    assertThat(slow).isNotDone();
    slow.complete(List.of(Outcome.of(Optional.empty())));
    assertThat(publish(0).join().duplicate()).as("it is stored").isTrue();
  }

  @Test
  void commitsAgainWhereItIsNotKnownWhatCameOfIt() {
    publish(0).join();
    scripted.next.add(CompletableFuture.failedFuture(unknown()));
    assertThatThrownBy(commit()::join).hasCauseInstanceOf(ConnectionFailedException.class);
    assertMismatch(publish(1), "expected Ongoing, got PrepareCommit");
    assertMismatch(abort(), "expected Ongoing or PrepareAbort, got PrepareCommit");
    commit().join();
    begin(producer);
    assertThat(publish(0).join().duplicate()).isTrue();
  }

  @Test
  void goesOnWhereACommitWasNotSent() {
    publish(0).join();
    scripted.next.add(CompletableFuture.failedFuture(unsent()));
    assertThatThrownBy(commit()::join).hasCauseInstanceOf(ConnectionFailedException.class);
    publish(1).join();
    commit().join();
  }

  @Test
  void isOverWhenTheTransportSaysSo() {
    for (int round = 0; round < 2; round++) {
      scripted.next.add(CompletableFuture.failedFuture(new ConflictException(ErrorInfo.of("it is over", "Begin another"))));
      assertMismatch(round == 0 ? publish(0) : commit(), "expected Ongoing, got Empty");
      assertMismatch(commit(), "expected Ongoing, got Empty");
      begin(producer);
    }
  }

  @Test
  void abortsAgainIfTheTransportDidNotHearOfIt() {
    scripted.next.add(CompletableFuture.failedFuture(unknown()));
    assertThatThrownBy(abort()::join).hasCauseInstanceOf(ConnectionFailedException.class);
    assertMismatch(commit(), "expected Ongoing, got PrepareAbort");
    abort().join();
    assertThat(scripted.calls).containsExactly("begin", "abort", "abort");
  }

  @Test
  void beginsAnewThoughTheTransportDidNotHearOfTheAbort() {
    scripted.next.add(CompletableFuture.failedFuture(unknown()));
    Identity young = transactions.init("a", Duration.ofSeconds(60), deadline()).join();
    assertThat(young).isEqualTo(new Identity(producer.producer(), 1));
    begin(young);
    assertThat(transactions.open()).hasSize(1);
  }

  @Test
  void givesAnotherNumberWhenItsEpochsAreUsedUp() {
    Identity last = producer;
    for (int epoch = 1; epoch <= Short.MAX_VALUE; epoch++) {
      last = transactions.init("a", Duration.ofSeconds(60), deadline()).join();
    }
    assertThat(last).isEqualTo(new Identity(1, Short.MAX_VALUE));
    assertThat(transactions.init("a", Duration.ofSeconds(60), deadline()).join()).isEqualTo(new Identity(2, 0));
    assertThat(transactions.producers().find(1)).isEmpty();
  }

  @Test
  void forgetsTheProducerThatWasQuietForLongest() {
    for (int i = 0; i < Producers.MOST; i++) {
      transactions.init("other" + i, Duration.ofSeconds(60), deadline()).join();
    }
    assertThat(transactions.producers().all()).hasSize(Producers.MOST);
    assertThat(publish(0).join().duplicate()).as("who has a transaction stays").isFalse();
    assertThat(transactions.init("other0", Duration.ofSeconds(60), deadline()).join().epoch()).as("it was forgotten").isZero();
  }

  private static void assertMismatch(CompletableFuture<?> refused, String text) {
    assertThatThrownBy(refused::join)
        .hasCauseInstanceOf(Refusal.class)
        .cause()
        .hasMessage("invalid transaction state for operation: " + text);
  }

  private CompletableFuture<Published> publish(int sequence) {
    Event<byte[]> event = Event.builder(new byte[0]).partition(0).build();
    return transactions.publish(producer.producer(), producer.epoch(), new Publish(ORDERS, event, sequence), deadline());
  }

  private CompletableFuture<Void> commit() {
    return transactions.commit(producer.producer(), producer.epoch(), "a", deadline());
  }

  private CompletableFuture<Void> abort() {
    return transactions.abort(producer.producer(), producer.epoch(), "a", deadline());
  }

  private Deadline deadline() {
    return Deadline.after(time, Duration.ofSeconds(30));
  }
}
