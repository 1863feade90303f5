package dev.tributary.testkit.wire;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
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
 * Two servers of one engine, as two nodes of a cluster that share what they store, and a client that knows both: whatever becomes of the node in use,
 * the other goes on, and nothing that was confirmed is lost. The stream and the queue are both named {@code s}.
 */
@Timeout(240)
public abstract class FailoverCases {
  protected static final Duration NEVER = Duration.ofDays(1);
  protected static final Duration LEASE = Duration.ofSeconds(10);
  private static final int UNAVAILABLE = 14;
  private static final int PAGE = 10_000;
  /** Events that are confirmed before something happens, and once more after it. */
  private static final int UNDER_LOAD = 300;
  private static final int WRITERS = 64;
  private static final int READERS = 3;

  protected final VirtualTime time = new VirtualTime();
  protected final PassingTime passing = new PassingTime(time);
  protected final MemoryEngine engine;
  protected final EmbeddedServer first;
  protected final EmbeddedServer second;
  protected final FaultProxy toFirst;
  protected final FaultProxy toSecond;
  protected final Tributary client;
  /** Sees what is stored, whatever the nodes do. */
  protected final Tributary observer;

  /** Null where there are no queues. */
  protected final JobQueue<String> queue;
  /** All that was published under load, whatever became of it. */
  private final Set<String> begun = new HashSet<>();
  private final String backend;
  private final int partitions;

  /** Of this backend, whose stream has so many partitions. */
  protected FailoverCases(String backend, int partitions) {
    this.backend = backend;
    this.partitions = partitions;
    engine = MemoryEngine.builder().time(time).build();
    first = EmbeddedServer.of(backend).transport(engine.connect()).time(time).start();
    second = EmbeddedServer.of(backend).transport(engine.connect()).time(time).start();
    toFirst = FaultProxy.before(first.host(), first.port());
    toSecond = FaultProxy.before(second.host(), second.port());
    client = Tributary.connect(config(Retry.DEFAULT));
    observer = Tributary.over(engine.connect(), ClientConfig.builder("memory").time(time).timeout(NEVER).build());
    queue = client.capabilities().contains(Capability.QUEUES) ? client.queue("s", Codecs.text()) : null;
  }

  /** Of the client; only where there are streams. */
  protected final EventStream<String> stream() {
    return client.stream("s", Codecs.text());
  }

  protected final ClientConfig config(Retry retry) {
    return ClientConfig.builder(backend)
        .endpoint(toFirst.host(), toFirst.port())
        .endpoint(toSecond.host(), toSecond.port())
        .retry(retry.toBuilder().backoff(Duration.ofMillis(5), Duration.ofMillis(50)).build())
        .timeout(NEVER)
        .connectTimeout(Duration.ofSeconds(10))
        .idleProbe(NEVER)
        .time(time)
        .build();
  }

  /** Makes the stream or the queue. */
  protected abstract void create() throws Exception;

  /** Stores this value through the client, confirmed. */
  protected abstract void store(String value) throws Exception;

  /** All that is stored. */
  protected abstract List<String> stored() throws Exception;

  /** A call that may be made again whatever became of it: after it the client uses a node that is there. */
  protected abstract CompletableFuture<?> touch(Tributary client);

  /** What holds at every moment. */
  protected void always() {}

  @BeforeEach
  void createWhatIsUsed() throws Exception {
    create();
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
  protected enum Break {
    DIES {
      @Override
      public void happenTo(FailoverCases test) {
        test.toFirst.refuse();
      }
    },
    RESETS {
      @Override
      public void happenTo(FailoverCases test) {
        test.toFirst.reset();
      }
    },
    CUTS {
      @Override
      public void happenTo(FailoverCases test) {
        test.toFirst.cutNow();
      }
    },
    CUTS_STREAMS {
      @Override
      public void happenTo(FailoverCases test) {
        test.first.faults().cut(UNAVAILABLE, "on purpose");
      }
    },
    STOPS {
      @Override
      public void happenTo(FailoverCases test) {
        test.first.stop();
      }
    },
    RESTARTS {
      @Override
      public void happenTo(FailoverCases test) {
        test.first.stop();
        test.first.start();
      }
    },
    GOES_AWAY {
      @Override
      public void happenTo(FailoverCases test) {
        test.first.faults().goAway();
      }
    },
    GOES_AWAY_AND_STOPS {
      @Override
      public void happenTo(FailoverCases test) {
        test.first.faults().goAway();
        test.first.stop();
      }
    },
    /** The node is another one now, which knows of nothing that only the first did. */
    IS_REPLACED {
      @Override
      public void happenTo(FailoverCases test) {
        test.toFirst.retarget(test.second.host(), test.second.port());
        test.toFirst.reset();
      }
    };

    public abstract void happenTo(FailoverCases test);
  }

  protected static List<String> numbered(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "m-" + i).toList();
  }

  /** Stores events as the engine does it, in turn in all partitions. */
  protected final void supply(List<String> values) throws Exception {
    List<Event<String>> events = new ArrayList<>();
    for (String value : values) {
      events.add(Event.builder(value).partition(events.size() % partitions).build());
    }
    passing.of(observer.stream("s", Codecs.text()).publishAll(events));
  }

  /** All events of the stream. */
  protected final List<String> events() throws Exception {
    List<String> all = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      all.addAll(events(partition));
    }
    return all;
  }

  /** All of one partition, by their offsets. */
  private List<String> events(int partition) throws Exception {
    List<String> all = new ArrayList<>();
    List<Message<String>> page = passing.of(observer.stream("s", Codecs.text()).read(partition, 0, PAGE));
    while (!page.isEmpty()) {
      page.forEach(message -> all.add(message.value()));
      page = passing.of(observer.stream("s", Codecs.text()).read(partition, all.size(), PAGE));
    }
    return all;
  }

  protected final <T> CompletableFuture<T> passed(CompletableFuture<T> call) throws Exception {
    passing.until("the last try", call::isDone);
    return call;
  }

  protected static long left(QueueStats stats) {
    return stats.pending() + stats.inFlight();
  }

  @Test
  void oneThatIsDownAtTheStartCostsNothingButTime() throws Exception {
    toFirst.refuse();
    // A plain publish is only tried again when nothing can have been applied: here it is certain.
    store("a");
    assertThat(stored()).containsExactly("a");
    assertThat(toSecond.connections()).isPositive();
  }

  @Test
  void oneThatFailedIsUsedAgainWhenItIsBack() throws Exception {
    store("a");
    assertThat(toSecond.connections()).isZero();
    toFirst.refuse();
    passing.of(touch(client));
    store("b");
    assertThat(toSecond.connections()).isPositive();
    long before = toFirst.connections();
    toFirst.heal();
    toSecond.refuse();
    passing.of(touch(client));
    store("c");
    assertThat(toFirst.connections()).isGreaterThan(before);
    assertThat(stored()).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void ifAllAreDownTheErrorSaysWhereItTried() throws Exception {
    toFirst.refuse();
    toSecond.refuse();
    try (Tributary impatient = Tributary.connect(config(Retry.maxAttempts(4)))) {
      List<CompletableFuture<?>> calls = new ArrayList<>(List.of(touch(impatient)));
      if (queue != null) {
        calls.add(impatient.queue("s").enqueue(new byte[1]));
        calls.add(impatient.queue("s").reserve());
      }
      if (client.capabilities().contains(Capability.STREAMS)) {
        calls.add(impatient.stream("s").publish(new byte[1]));
      }
      for (CompletableFuture<?> call : calls) {
        TributaryException error = failure(passed(call));
        assertThat(error).isInstanceOf(ConnectionFailedException.class).hasMessageContaining("127.0.0.1:");
        assertThat(error.maybeApplied()).isFalse();
      }
    }
    toSecond.heal();
    passing.of(touch(client));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsPublishedMeanwhileIsStoredOrItIsSaidThatNobodyKnows(Break what) throws Exception {
    assumeTrue(client.capabilities().contains(Capability.STREAMS));
    List<String> values = numbered(0, 600);
    List<CompletableFuture<Position>> published = new ArrayList<>();
    for (String value : values) {
      published.add(stream().publish(value));
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
    List<String> stored = events();
    assertThat(stored).doesNotHaveDuplicates().containsAll(confirmed);
    confirmed.addAll(doubtful);
    assertThat(confirmed).hasSize(values.size()).containsAll(stored);
  }

  @ParameterizedTest
  @EnumSource
  void aSubscriptionGoesOnWithoutGapOrRepetition(Break what) throws Exception {
    assumeTrue(client.capabilities().contains(Capability.STREAMS));
    supply(numbered(0, 100 * partitions));
    Received<Message<String>> messages = new Received<>();
    stream().subscribe(SubscribeOptions.builder().partitions(0).start(StartAt.earliest()).build()).subscribe(messages);
    passing.until("the first", () -> messages.all(Message::offset).size() == 100);
    what.happenTo(this);
    supply(numbered(100 * partitions, 200 * partitions));
    passing.until("the last", () -> messages.all(Message::offset).size() >= 200);
    assertThat(messages.all(Message::offset)).isEqualTo(LongStream.range(0, 200).boxed().toList());
    assertThat(messages.end()).isNotDone();
  }

  @ParameterizedTest
  @EnumSource
  void underLoadNothingConfirmedIsLostAndNobodySkipsAnything(Break what) throws Exception {
    assumeTrue(client.capabilities().contains(Capability.STREAMS));
    underLoad(() -> what.happenTo(this));
  }

  /** In the middle of a request or of an answer. */
  @ParameterizedTest
  @EnumSource
  void norIfTheNodeDiesInTheMiddleOfAWord(Direction direction) throws Exception {
    assumeTrue(client.capabilities().contains(Capability.STREAMS));
    for (int bytes = 997; bytes < 1000; bytes++) {
      int some = bytes;
      underLoad(() -> toFirst.cutAfter(some, direction));
    }
    underLoad(toFirst::refuse);
  }

  /** Writers and readers that do not pause, while this happens. */
  private void underLoad(Runnable what) throws Exception {
    Writers writers = new Writers("w" + begun.size(), stream(), WRITERS);
    List<List<Received<Message<String>>>> readers = new ArrayList<>();
    for (int reader = 0; reader < READERS; reader++) {
      readers.add(IntStream.range(0, partitions).mapToObj(this::reader).toList());
    }
    try {
      passing.until("the first half", () -> writers.confirmed() >= UNDER_LOAD);
      what.run();
      int before = writers.confirmed();
      passing.until("the other half", () -> writers.confirmed() >= before + UNDER_LOAD);
    } finally {
      writers.stop();
    }
    passing.until("the last answers", writers::done);
    assertThat(writers.unexpected()).isEmpty();
    for (int partition = 0; partition < partitions; partition++) {
      List<String> stored = events(partition);
      writers.assertStored(partition, stored);
      for (List<Received<Message<String>>> reader : readers) {
        Received<Message<String>> received = reader.get(partition);
        passing.until("the last message", () -> received.all(Message::offset).size() >= stored.size());
        assertThat(received.all(Message::offset)).isEqualTo(LongStream.range(0, stored.size()).boxed().toList());
        assertThat(received.all(Message::value)).isEqualTo(stored);
        assertThat(received.end()).isNotDone();
      }
    }
    begun.addAll(writers.begun());
    assertThat(events()).doesNotHaveDuplicates().isSubsetOf(begun);
  }

  private Received<Message<String>> reader(int partition) {
    Received<Message<String>> received = new Received<>();
    stream().subscribe(SubscribeOptions.builder().partitions(partition).start(StartAt.earliest()).build()).subscribe(received);
    return received;
  }

  /** Enqueues as the engine does it, where a stream is no queue. */
  protected void enqueue(List<String> values) throws Exception {
    passing.of(queue.enqueueAll(values.stream().map(NewJob::of).toList()));
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerHandlesEverythingAllTheSame(Break what) throws Exception {
    assumeTrue(client.capabilities().contains(Capability.QUEUES));
    List<String> values = numbered(0, 200);
    enqueue(values);
    Set<String> handled = ConcurrentHashMap.newKeySet();
    try (Worker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(8).lease(LEASE).build(),
            job -> {
              handled.add(job.value());
              return CompletableFuture.completedFuture(null);
            })) {
      passing.until("some jobs", () -> holds() && handled.size() >= 50);
      what.happenTo(this);
      // One that was handled and not acked in time comes again.
      passing.until("the last settlement", () -> holds() && left(passing.of(queue.stats())) == 0);
      assertThat(worker.ended()).isNotDone();
      passing.of(worker.closeAsync(Duration.ofMinutes(5)));
    }
    assertThat(handled).containsExactlyInAnyOrderElementsOf(values);
    assertThat(passing.of(queue.deadLetters().list(10))).isEmpty();
  }

  private boolean holds() {
    always();
    return true;
  }
}
