package dev.tributary.testkit.goqueue;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Transaction;
import dev.tributary.TransactionOptions;
import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.engine.MemoryEngine;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.PassingTime;
import dev.tributary.testkit.wire.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two servers of one engine, as two nodes that share what they store. Who is a member, who holds which job, and which transactions are open is
 * known to each node alone.
 */
@Timeout(240)
class FailoverTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final int PARTITIONS = 2;

  private final VirtualTime time = new VirtualTime();
  private final PassingTime passing = new PassingTime(time);
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer first = EmbeddedServer.goqueue().transport(engine.connect()).time(time).start();
  private final EmbeddedServer second = EmbeddedServer.goqueue().transport(engine.connect()).time(time).start();
  private final FaultProxy toFirst = FaultProxy.before(first.host(), first.port());
  private final FaultProxy toSecond = FaultProxy.before(second.host(), second.port());
  private final Tributary client = Tributary.connect(config(Retry.DEFAULT));
  /** Sees what is stored, whatever the nodes do. */
  private final Tributary observer =
      Tributary.over(engine.connect(), ClientConfig.builder("memory").time(time).timeout(NEVER).build());
  private final EventStream<String> stream = client.stream("s", Codecs.text());
  private final JobQueue<String> queue = client.queue("s", Codecs.text());

  private ClientConfig config(Retry retry) {
    return ClientConfig.builder("goqueue")
        .endpoint(toFirst.host(), toFirst.port())
        .endpoint(toSecond.host(), toSecond.port())
        .retry(retry.withBackoff(Duration.ofMillis(5), Duration.ofMillis(50)))
        .timeout(NEVER)
        .connectTimeout(Duration.ofSeconds(10))
        .idleProbe(NEVER)
        .time(time)
        .build();
  }

  @BeforeEach
  void createTopic() throws Exception {
    passing.of(observer.admin().createStream("s", StreamConfig.partitions(PARTITIONS)));
  }

  @AfterEach
  void close() throws Exception {
    passing.of(client.closeAsync(Duration.ofMinutes(5)));
    passing.of(observer.closeAsync(Duration.ofMinutes(5)));
    toFirst.close();
    toSecond.close();
    first.close();
    second.close();
    engine.close();
  }

  /** What becomes of the node that is in use. */
  private enum Break {
    DIES {
      @Override
      void happenTo(FailoverTest test) {
        test.toFirst.refuse();
      }
    },
    RESETS {
      @Override
      void happenTo(FailoverTest test) {
        test.toFirst.reset();
      }
    },
    CUTS {
      @Override
      void happenTo(FailoverTest test) {
        test.toFirst.cutNow();
      }
    },
    STOPS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.stop();
      }
    },
    RESTARTS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.stop();
        test.first.start();
      }
    },
    GOES_AWAY {
      @Override
      void happenTo(FailoverTest test) {
        test.first.faults().goAway();
      }
    },
    GOES_AWAY_AND_STOPS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.faults().goAway();
        test.first.stop();
      }
    },
    /** The node is another one now, which knows of no members, leases or transactions. */
    IS_REPLACED {
      @Override
      void happenTo(FailoverTest test) {
        test.toFirst.retarget(test.second.host(), test.second.port());
        test.toFirst.reset();
      }
    };

    abstract void happenTo(FailoverTest test);
  }

  private static List<String> numbered(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "m-" + i).toList();
  }

  private void publish(List<String> values) throws Exception {
    passing.of(observer.stream("s", Codecs.text()).publishAll(inTurn(values)));
  }

  private static List<Event<String>> inTurn(List<String> values) {
    List<Event<String>> events = new ArrayList<>();
    for (String value : values) {
      events.add(Event.builder(value).partition(events.size() % PARTITIONS).build());
    }
    return events;
  }

  private List<Message<String>> stored() throws Exception {
    List<Message<String>> all = new ArrayList<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      all.addAll(passing.of(observer.stream("s", Codecs.text()).read(partition, 0, 10_000)));
    }
    return all;
  }

  private long committed(String group, int partition) {
    return observer.stream("s").committed(group, partition).join().orElse(0);
  }

  @Test
  void oneThatIsDownAtTheStartCostsNothingButTime() throws Exception {
    toFirst.refuse();
    passing.of(stream.publish("a"));
    assertThat(passing.of(queue.reserve()).orElseThrow().value()).isEqualTo("a");
    assertThat(toSecond.connections()).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsPublishedMeanwhileIsStoredOrItIsSaidThatNobodyKnows(Break what) throws Exception {
    List<String> values = numbered(0, 600);
    List<CompletableFuture<Position>> published = new ArrayList<>();
    for (String value : values) {
      published.add(stream.publish(value));
      if (published.size() == 200) {
        passing.of(published.get(0));
      } else if (published.size() == 400) {
        what.happenTo(this);
      }
    }
    Set<String> confirmed = new HashSet<>();
    Set<String> doubtful = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      try {
        passing.of(published.get(i));
        confirmed.add(values.get(i));
      } catch (ExecutionException failed) {
        assertThat(failed.getCause()).isInstanceOf(ConnectionFailedException.class);
        assertThat(((TributaryException) failed.getCause()).maybeApplied()).as("else it is tried again").isTrue();
        doubtful.add(values.get(i));
      }
    }
    List<String> stored = stored().stream().map(Message::value).toList();
    assertThat(stored).doesNotHaveDuplicates().containsAll(confirmed);
    confirmed.addAll(doubtful);
    assertThat(confirmed).hasSize(values.size()).containsAll(stored);
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerHandlesEverythingAllTheSame(Break what) throws Exception {
    List<String> values = numbered(0, 200);
    publish(values);
    Set<String> handled = ConcurrentHashMap.newKeySet();
    Furthest furthest = new Furthest("workers@s");
    try (Worker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(8).lease(LEASE).build(),
            job -> {
              handled.add(job.value());
              return CompletableFuture.completedFuture(null);
            })) {
      passing.until("some jobs", () -> furthest.holds() && handled.size() >= 50);
      what.happenTo(this);
      // One that was handled and not acked in time comes again.
      passing.until("the last settlement", () -> furthest.holds() && left(passing.of(queue.stats())) == 0);
      assertThat(worker.ended()).isNotDone();
      passing.of(worker.closeAsync(Duration.ofMinutes(5)));
    }
    assertThat(handled).containsExactlyInAnyOrderElementsOf(values);
    assertThat(passing.of(queue.deadLetters().list(10))).isEmpty();
  }

  private static long left(QueueStats stats) {
    return stats.pending() + stats.inFlight();
  }

  /** How far a group is, which never goes back. */
  private final class Furthest {
    private final String group;
    private final long[] seen = new long[PARTITIONS];

    Furthest(String group) {
      this.group = group;
    }

    boolean holds() {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        long now = committed(group, partition);
        assertThat(now).as("of partition %s", partition).isGreaterThanOrEqualTo(seen[partition]);
        seen[partition] = now;
      }
      return true;
    }

    long sum() {
      return LongStream.of(seen).sum();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGroupReadsEverythingAndNeverCommitsBackwards(Break what) throws Exception {
    publish(numbered(0, 200));
    List<List<Long>> offsets = List.of(new ArrayList<>(), new ArrayList<>());
    Set<String> consumed = ConcurrentHashMap.newKeySet();
    Furthest furthest = new Furthest("g@s");
    try (EventConsumer<String> consumer =
        stream.consumer(ConsumerOptions.builder().group("g").start(StartAt.earliest()).autoCommit(Duration.ofMillis(100)).build())) {
      CompletableFuture<Void> consuming =
          consumer.forEach(
              message -> {
                synchronized (offsets) {
                  offsets.get(message.partition()).add(message.offset());
                }
                consumed.add(message.value());
                return CompletableFuture.completedFuture(null);
              });
      passing.until("some events", () -> furthest.holds() && consumed.size() >= 50);
      what.happenTo(this);
      publish(numbered(200, 400));
      passing.until("the last commit", () -> furthest.holds() && furthest.sum() == 400);
      assertThat(consuming).isNotDone();
      passing.of(consumer.closeAsync(Duration.ofMinutes(5)));
    }
    assertThat(furthest.holds()).isTrue();
    assertThat(consumed).containsExactlyInAnyOrderElementsOf(numbered(0, 400));
    // What is read again is read on from there.
    for (List<Long> one : offsets) {
      for (int i = 1; i < one.size(); i++) {
        assertThat(one.get(i)).isLessThanOrEqualTo(one.get(i - 1) + 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSubscriptionGoesOnWithoutGapOrRepetition(Break what) throws Exception {
    publish(numbered(0, 200));
    Received<Message<String>> messages = new Received<>();
    stream.subscribe(SubscribeOptions.builder().partitions(0).start(StartAt.earliest()).build()).subscribe(messages);
    passing.until("the first", () -> messages.all(Message::offset).size() == 100);
    what.happenTo(this);
    publish(numbered(200, 400));
    passing.until("the last", () -> messages.all(Message::offset).size() >= 200);
    assertThat(messages.all(Message::offset)).isEqualTo(LongStream.range(0, 200).boxed().toList());
    assertThat(messages.end()).isNotDone();
  }

  @Test
  void aJobWhoseNodeIsGoneIsSettledAtAnother() throws Exception {
    publish(List.of("job"));
    Job<String> job = passing.of(queue.reserve()).orElseThrow();
    toFirst.refuse();
    passing.of(job.ack());
    publish(List.of("next"));
    assertThat(passing.of(queue.reserve()).orElseThrow().value()).as("the other is done").isEqualTo("next");
  }

  private <T> CompletableFuture<T> passed(CompletableFuture<T> call) throws Exception {
    passing.until("the last try", call::isDone);
    return call;
  }

  @Test
  void aTransactionEndsWithItsNodeAndAnotherCanBegin() throws Exception {
    Transaction lost = passing.of(client.transaction(TransactionOptions.DEFAULT));
    passing.of(lost.publish(stream, Event.builder("lost").partition(0).build()));
    toFirst.refuse();
    passing.of(stream.partitions());
    assertThat(failure(passed(lost.publish(stream, Event.builder("late").partition(0).build())))).isInstanceOf(ConflictException.class);
    assertThat(failure(passed(lost.commit()))).isInstanceOf(ConflictException.class);
    passing.of(client.inTransaction(TransactionOptions.DEFAULT, again -> again.publish(stream, Event.builder("again").partition(0).build())));
    // Whatever the first left open is cut off in the end.
    time.advance(Duration.ofMinutes(2));
    assertThat(stored()).extracting(Message::value).containsExactly("again");
  }

  @Test
  void whatATransactionPublishesDoesNotGetIntoThatOfAnotherNode() throws Exception {
    ClientConfig elsewhere =
        ClientConfig.builder("goqueue").endpoint(second.host(), second.port()).timeout(NEVER).connectTimeout(NEVER).time(time).build();
    try (Tributary other = Tributary.connect(elsewhere)) {
      Transaction theirs = passing.of(other.transaction(TransactionOptions.DEFAULT));
      passing.of(theirs.publish(other.stream("s", Codecs.text()), Event.builder("theirs").partition(0).build()));
      Transaction ours = passing.of(client.transaction(TransactionOptions.DEFAULT));
      passing.of(ours.publish(stream, Event.builder("ours").partition(0).build()));
      toFirst.refuse();
      // By now the client uses the second node, where the number of our producer is that of theirs.
      passing.of(stream.partitions());
      assertThat(failure(passed(ours.publish(stream, Event.builder("late").partition(0).build())))).isInstanceOf(ConflictException.class);
      assertThat(failure(passed(ours.commit()))).isInstanceOf(ConflictException.class);
      passing.of(theirs.commit());
      assertThat(stored()).extracting(Message::value).containsExactly("theirs");
      passing.of(client.inTransaction(TransactionOptions.DEFAULT, again -> again.publish(stream, Event.builder("again").partition(0).build())));
      assertThat(stored()).extracting(Message::value).containsExactly("theirs", "again");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTransactionIsDoneOrNotOrInDoubt(Break what) throws Exception {
    List<String> values = List.of("a", "b", "c");
    CompletableFuture<Void> call =
        client.inTransaction(
            TransactionOptions.DEFAULT,
            transaction -> {
              CompletableFuture<?> all = transaction.publish(stream, Event.builder("a").partition(0).build());
              return all.thenCompose(
                      done -> {
                        what.happenTo(this);
                        return transaction.publish(stream, Event.builder("b").partition(1).build());
                      })
                  .thenCompose(done -> transaction.publish(stream, Event.builder("c").partition(0).build()))
                  .thenAccept(done -> {});
            });
    boolean done = passed(call).handle((value, error) -> error == null).join();
    boolean doubtful = !done && failure(call).maybeApplied();
    time.advance(Duration.ofMinutes(2));
    List<String> stored = stored().stream().map(Message::value).toList();
    if (done) {
      assertThat(stored).containsExactlyInAnyOrderElementsOf(values);
    } else if (!doubtful) {
      assertThat(stored).isEmpty();
    } else if (!stored.isEmpty()) {
      assertThat(stored).containsExactlyInAnyOrderElementsOf(values);
    }
    passing.of(client.inTransaction(TransactionOptions.DEFAULT, again -> again.publish(stream, Event.builder("again").partition(0).build())));
    assertThat(stored()).extracting(Message::value).contains("again");
  }

  @Test
  void ifAllAreDownTheErrorSaysWhereItTried() throws Exception {
    toFirst.refuse();
    toSecond.refuse();
    try (Tributary impatient = Tributary.connect(config(Retry.DEFAULT.withMaxAttempts(4)))) {
      for (CompletableFuture<?> call :
          List.of(impatient.stream("s").publish(new byte[1]), impatient.queue("s").enqueue(NewJob.of(new byte[1])), impatient.queue("s").reserve())) {
        TributaryException error = failure(passed(call));
        assertThat(error).isInstanceOf(ConnectionFailedException.class).hasMessageContaining("127.0.0.1:");
        assertThat(error.maybeApplied()).isFalse();
      }
    }
  }

  @Test
  void oneThatFailedIsUsedAgainWhenItIsBack() throws Exception {
    passing.of(stream.publish("a"));
    assertThat(toSecond.connections()).isZero();
    toFirst.refuse();
    passing.of(stream.partitions());
    passing.of(stream.publish("b"));
    assertThat(toSecond.connections()).isPositive();
    long before = toFirst.connections();
    toFirst.heal();
    toSecond.refuse();
    passing.of(stream.partitions());
    passing.of(stream.publish("c"));
    assertThat(toFirst.connections()).isGreaterThan(before);
    assertThat(stored()).extracting(Message::value).containsExactlyInAnyOrder("a", "b", "c");
  }
}
