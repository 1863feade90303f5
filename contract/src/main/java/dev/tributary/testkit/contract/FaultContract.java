package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.CloseTimeoutException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds while the network misbehaves. Needs a socket, and should run on the system's time. */
public abstract class FaultContract extends Contract {
  private static final Duration DEADLINE = Duration.ofMillis(500);
  private static final long[] CUTS = {0, 1, 10, 24, 40, 80, 130, 180, 240, 300, 380, 480, 700};

  /** What can befall a connection. */
  enum Fault {
    /** Nobody listens any more, and what was open breaks. */
    REFUSED(FaultProxy::refuse),
    /** What was open breaks; who connects hears nothing. */
    SILENT(
        proxy -> {
          proxy.acceptThenSilent();
          proxy.cutNow();
        }),
    /** What is sent vanishes, without a word. */
    BLACK_HOLE(FaultProxy::blackHole),
    /** Requests do not get through. */
    STALLED_REQUESTS(proxy -> proxy.stall(Direction.TO_SERVER)),
    /** Answers do not get through. */
    STALLED_ANSWERS(proxy -> proxy.stall(Direction.TO_CLIENT)),
    /** Answers come much too late. */
    LATE_ANSWERS(proxy -> proxy.delay(Duration.ofMillis(1500), Direction.TO_CLIENT)),
    /** The server's end is gone, the client's does not know. */
    HALF_OPEN(FaultProxy::halfOpen),
    /** The connection breaks in the middle of the next request. */
    CUT_REQUEST(proxy -> proxy.cutAfter(20, Direction.TO_SERVER)),
    /** The connection breaks in the middle of the next answer. */
    CUT_ANSWER(proxy -> proxy.cutAfter(20, Direction.TO_CLIENT)),
    /** The connection is reset. */
    RESET(FaultProxy::reset);

    private final Consumer<FaultProxy> blow;

    Fault(Consumer<FaultProxy> blow) {
      this.blow = blow;
    }

    void strike(FaultProxy proxy) {
      blow.accept(proxy);
    }
  }

  @BeforeEach
  final void requireSocket() {
    assumeTrue(backend().proxy(client()).isPresent(), () -> backend().name() + " has no socket");
  }

  @Nested
  class Deadlines {
    @ParameterizedTest
    @EnumSource(Fault.class)
    void theyHoldOnAConnectionThatWorkedBefore(Fault fault) {
      Calls calls = new Calls(connect(config -> config.timeout(DEADLINE)));
      calls.warm();
      fault.strike(calls.proxy());
      calls.allEndInTime(fault);
      calls.proxy().heal();
      calls.allWorkAgain();
      calls.nothingWasStoredTwiceOrUnsaid();
    }

    @ParameterizedTest
    @EnumSource(
        value = Fault.class,
        names = {"REFUSED", "SILENT", "BLACK_HOLE", "STALLED_REQUESTS", "STALLED_ANSWERS", "CUT_REQUEST", "CUT_ANSWER"})
    void theyHoldOnTheFirstConnection(Fault fault) {
      Calls calls = new Calls(connect(config -> config.timeout(DEADLINE)));
      fault.strike(calls.proxy());
      calls.allEndInTime(fault);
      calls.proxy().heal();
      calls.allWorkAgain();
      calls.nothingWasStoredTwiceOrUnsaid();
    }

    @Test
    void theyHoldWhenTheConnectionBreaksUnderCallsThatWait() {
      Calls calls = new Calls(connect(config -> config.timeout(DEADLINE)));
      calls.warm();
      calls.proxy().stall(Direction.TO_CLIENT);
      Map<String, CompletableFuture<?>> running = calls.start();
      calls.proxy().reset();
      calls.endInTime(running, Fault.RESET);
      calls.proxy().heal();
      calls.allWorkAgain();
      calls.nothingWasStoredTwiceOrUnsaid();
    }
  }

  @Nested
  class Retrying {
    @Test
    void whatMayBeRepeatedIsRepeatedWhereverTheConnectionIsCut() {
      requires(Capability.KEY_VALUE);
      KeyValueStore<String> store = store();
      for (Direction direction : Direction.values()) {
        for (long bytes : CUTS) {
          Tributary cut = connect(config -> config.timeout(Duration.ofSeconds(20)));
          proxy(cut).cutAfter(bytes, direction);
          KeyValueStore<String> through = cut.keyValue(store.name().toString(), Codecs.text());
          String value = direction + " " + bytes;
          get(through.put("k", value));
          assertThat(get(through.get("k"))).as(value).contains(value);
        }
      }
    }

    @Test
    void whatMayNotBeRepeatedIsNotWhereverTheConnectionIsCut() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      Claims claims = new Claims();
      for (Direction direction : Direction.values()) {
        for (long bytes : CUTS) {
          Tributary cut = connect(config -> config.timeout(Duration.ofSeconds(20)));
          proxy(cut).cutAfter(bytes, direction);
          for (int i = 0; i < 3; i++) {
            String value = direction + " " + bytes + " " + i;
            broken(claims.of(value, through(cut, stream).publish(value)));
          }
        }
      }
      claims.areTrueOf(stored(stream));
    }

    @Test
    void aNumberedJobIsStoredOnceWhereverTheConnectionIsCut() {
      requires(Capability.PRODUCER_SEQUENCES);
      JobQueue<String> queue = queue();
      List<String> expected = new ArrayList<>();
      for (Direction direction : Direction.values()) {
        for (long bytes : CUTS) {
          Tributary cut = connect(config -> config.timeout(Duration.ofSeconds(20)));
          proxy(cut).cutAfter(bytes, direction);
          for (int i = 0; i < 3; i++) {
            String value = direction + " " + bytes + " " + i;
            get(through(cut, queue).enqueue(value));
            expected.add(value);
          }
          List<String> list = numbered(direction + " " + bytes + " list", 0, 3);
          proxy(cut).cutAfter(bytes, direction);
          get(through(cut, queue).enqueueAll(jobs(list)));
          expected.addAll(list);
        }
      }
      List<String> stored = new ArrayList<>();
      for (List<Job<String>> some = get(queue.receive(100)); !some.isEmpty(); some = get(queue.receive(100))) {
        some.forEach(job -> stored.add(job.value()));
      }
      assertThat(stored).isEqualTo(expected);
    }

    @Test
    void aJobWhoseAnswerWasLostIsStoredOnceAndKnownAsADuplicate() {
      requires(Capability.PRODUCER_SEQUENCES);
      JobQueue<String> queue = queue();
      Tributary other = connect(config -> config.timeout(Duration.ofSeconds(20)));
      get(through(other, queue).stats());
      proxy(other).stall(Direction.TO_CLIENT);
      CompletableFuture<EnqueueResult> enqueued = through(other, queue).enqueue("work");
      await("the job", () -> get(queue.stats()).pending() == 1);
      assertThat(enqueued).isNotDone();
      proxy(other).reset();
      proxy(other).heal();
      EnqueueResult result = get(enqueued);
      assertThat(result.duplicate()).isTrue();
      assertThat(get(queue.stats()).pending()).isEqualTo(1);
      assertThat(get(queue.reserve()).orElseThrow().id()).isEqualTo(result.id());
    }

    @Test
    void aCallThatTheServerComesBackInTimeForSucceeds() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      Tributary other = connect(config -> config.timeout(Duration.ofSeconds(20)));
      proxy(other).refuse();
      CompletableFuture<Position> placed = through(other, stream).publish("e");
      pass(Duration.ofMillis(300));
      assertThat(placed).isNotDone();
      proxy(other).heal();
      assertThat(get(placed)).isEqualTo(new Position(0, 0));
      assertThat(stored(stream)).containsExactly("e");
    }

    @Test
    void aJobThatTheServerComesBackInTimeForIsStoredOnce() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      Tributary other = connect(config -> config.timeout(Duration.ofSeconds(20)));
      proxy(other).refuse();
      CompletableFuture<EnqueueResult> enqueued = through(other, queue).enqueue("work");
      pass(Duration.ofMillis(300));
      assertThat(enqueued).isNotDone();
      proxy(other).heal();
      assertThat(get(enqueued).duplicate()).isFalse();
      assertThat(get(queue.receive(10))).extracting(Job::id).containsExactly(get(enqueued).id());
    }
  }

  @Nested
  class Resuming {
    @Test
    void aSubscriptionHasNoGapWhereverItIsCut() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      Tributary other = connect();
      List<SubscriptionState> states = new CopyOnWriteArrayList<>();
      SubscribeOptions options = SubscribeOptions.builder().start(StartAt.earliest()).onState(states::add).build();
      Probe<Message<String>> probe = Probe.of(through(other, stream).subscribe(options));
      int total = 0;
      for (long bytes : new long[] {0, 1, 9, 50, 333, 1_000, 5_000, 20_000}) {
        proxy(other).cutAfter(bytes, Direction.TO_CLIENT);
        get(stream.publishAll(events(numbered("e", total, total + 100))));
        total += 100;
        int expected = total;
        await(expected + " messages after a cut at " + bytes, () -> probe.count() >= expected);
      }
      assertThat(probe.items()).extracting(Message::offset).isEqualTo(LongStream.range(0, total).boxed().toList());
      assertThat(probe.items()).extracting(Message::value).isEqualTo(numbered("e", 0, total));
      assertThat(states).contains(SubscriptionState.LIVE, SubscriptionState.RECONNECTING);
      assertThat(probe.ends()).isZero();
    }

    @Test
    void aSubscriptionKeepsItsDemandAcrossACut() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      get(stream.publishAll(events(numbered("e", 0, 50))));
      Tributary other = connect();
      Probe<Message<String>> probe = Probe.of(through(other, stream).subscribe(SubscribeOptions.from(StartAt.earliest())), 5);
      await("five messages", () -> probe.count() == 5);
      proxy(other).cutNow();
      probe.request(5);
      await("ten messages", () -> probe.count() == 10);
      pass(Duration.ofMillis(300));
      assertThat(probe.items()).extracting(Message::value).isEqualTo(numbered("e", 0, 10));
    }

    @Test
    void aStreamOfJobsKeepsItsDemandAcrossACut() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(jobs(numbered("j", 0, 50))));
      Tributary other = connect();
      Probe<Job<String>> probe = Probe.of(through(other, queue).jobs(), 5);
      await("five jobs", () -> probe.count() == 5);
      proxy(other).cutNow();
      probe.request(5);
      await("ten jobs", () -> probe.count() == 10);
      pass(Duration.ofMillis(300));
      assertThat(probe.items()).extracting(Job::value).isEqualTo(numbered("j", 0, 10));
      probe.items().forEach(job -> get(job.ack()));
      assertThat(get(queue.stats()).inFlight()).isZero();
      assertThat(probe.ends()).isZero();
    }

    @Test
    void aStreamOfJobsLosesNoneWhereverItIsCut() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      Tributary other = connect();
      Set<String> handled = ConcurrentHashMap.newKeySet();
      Flow.Publisher<Job<String>> jobs = through(other, queue).jobs(JobsOptions.lease(Duration.ofSeconds(1)));
      Probe<Job<String>> probe =
          Probe.ignoring(
              jobs,
              job -> {
                handled.add(job.value());
                job.ack();
                return true;
              });
      int total = 0;
      for (long bytes : new long[] {0, 9, 50, 333, 1_000, 5_000}) {
        proxy(other).cutAfter(bytes, Direction.TO_CLIENT);
        get(queue.enqueueAll(jobs(numbered("j", total, total + 20))));
        total += 20;
        int expected = total;
        await(expected + " jobs after a cut at " + bytes, () -> handled.size() == expected);
      }
      await(
          "the last ack",
          () -> {
            QueueStats stats = get(queue.stats());
            return stats.pending() + stats.inFlight() == 0;
          });
      assertThat(probe.ends()).isZero();
    }

    @Test
    void aSubscriptionFindsOutThatItsConnectionIsDead() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      Tributary other = connect(config -> config.idleProbe(Duration.ofMillis(300)).connectTimeout(Duration.ofSeconds(1)));
      Probe<Message<String>> probe = Probe.of(through(other, stream).subscribe(SubscribeOptions.from(StartAt.earliest())));
      get(stream.publish("e-0"));
      await("a message", () -> probe.count() == 1);
      proxy(other).halfOpen();
      get(stream.publish("e-1"));
      await("the message after", () -> probe.count() == 2);
      assertThat(probe.items()).extracting(Message::value).containsExactly("e-0", "e-1");
    }

    @Test
    void aCallFindsOutThatItsConnectionIsDead() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Tributary other =
          connect(config -> config.idleProbe(Duration.ofMillis(300)).connectTimeout(Duration.ofSeconds(1)).timeout(Duration.ofMinutes(5)));
      get(through(other, queue).stats());
      proxy(other).halfOpen();
      assertThat(get(through(other, queue).stats()).pending()).isEqualTo(1);
    }

    @Test
    void aConsumerSeesEveryOffsetInOrderWhileTheServerRestartsTenTimes() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      List<Long> seen = new CopyOnWriteArrayList<>();
      Tributary consuming = connect();
      EventConsumer<String> consumer =
          through(consuming, stream).consumer(ConsumerOptions.builder().group("g").autoCommit(Duration.ofMillis(100)).build());
      CompletableFuture<Void> ended =
          consumer.forEach(
              message -> {
                seen.add(message.offset());
                return CompletableFuture.completedFuture(null);
              });
      Load load = new Load(through(connect(), stream));
      for (int restart = 0; restart < 10; restart++) {
        int before = load.confirmed();
        await("the load", () -> load.confirmed() >= before + 20);
        if (!backend().restart()) {
          abort(backend().name() + " cannot be restarted");
        }
      }
      int before = load.confirmed();
      await("the load after the last restart", () -> load.confirmed() >= before + 20);
      load.stop();
      await("the end of the load", load::stopped);
      long last = get(stream.latestOffset(0)).orElseThrow();
      await("every offset", () -> seen.size() > last);
      assertThat(seen).isEqualTo(LongStream.rangeClosed(0, last).boxed().toList());
      assertThat(ended).isNotDone();
      await(consumer.closeAsync());
      assertThat(get(stream.committed("g", 0))).hasValue(last + 1);
    }

    @Test
    void aWorkerGoesOnAfterTheServerRestarted() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      Set<String> handled = ConcurrentHashMap.newKeySet();
      Tributary working = connect();
      Worker worker =
          through(working, queue)
              .worker(
                  WorkerOptions.concurrency(4),
                  job -> {
                    handled.add(job.value());
                    return CompletableFuture.completedFuture(null);
                  });
      get(queue.enqueueAll(jobs(numbered("a", 0, 20))));
      await("the first jobs", () -> handled.size() == 20);
      if (!backend().restart()) {
        abort(backend().name() + " cannot be restarted");
      }
      await(
          "an answer after the restart",
          () -> await(queue.stats().handle((stats, error) -> error == null)));
      get(queue.enqueueAll(jobs(numbered("b", 0, 20))));
      await("the jobs after", () -> handled.size() == 40);
      assertThat(worker.state()).isEqualTo(SubscriptionState.LIVE);
    }
  }

  @Nested
  class LostAnswers {
    @Test
    void anAckThatNeverArrivedIsNotDone() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      get(queue.enqueue("work"));
      Tributary other = connect();
      Job<String> job = get(through(other, queue).reserve(ReserveOptions.lease(Duration.ofSeconds(1)))).orElseThrow();
      proxy(other).blackHole();
      CompletableFuture<Void> ack = job.ack();
      Job<String> again = await(queue.reserve(ReserveOptions.maxWait(Duration.ofSeconds(20)))).orElseThrow();
      assertThat(again.attempt()).isEqualTo(2);
      proxy(other).reset();
      proxy(other).heal();
      LeaseLostException lost = failure(LeaseLostException.class, ack);
      assertThat(lost.maybeApplied()).as("it may have arrived before the lease ended, for all that is known").isTrue();
      get(again.ack());
    }

    @Test
    void aMemberThatNobodyWasToldOfHasNoShare() {
      requires(Capability.GROUP_BALANCING, Capability.EVENT_PARTITION);
      EventStream<String> stream = stream(2);
      Tributary other = connect();
      // What a driver asks once it has asked by then.
      List<SubscriptionState> states = new CopyOnWriteArrayList<>();
      Probe<Message<String>> before =
          Probe.of(through(other, stream).subscribe(SubscribeOptions.builder().start(StartAt.latest()).onState(states::add).build()));
      await("a subscription", () -> states.contains(SubscriptionState.LIVE));
      before.cancel();
      proxy(other).stall(Direction.TO_CLIENT);
      EventConsumer<String> consumer = through(other, stream).consumer(ConsumerOptions.builder().group("g").build());
      List<String> seen = new CopyOnWriteArrayList<>();
      consumer.forEach(
          message -> {
            seen.add(message.value());
            return CompletableFuture.completedFuture(null);
          });
      await("a member", () -> get(stream.groupState("g")).members().size() == 1);
      proxy(other).reset();
      proxy(other).heal();
      await("all partitions", () -> consumer.assignment().size() == 2);
      get(stream.publishAll(List.of(Event.builder("a").partition(0).build(), Event.builder("b").partition(1).build())));
      await("both", () -> seen.size() == 2);
      assertThat(get(stream.groupState("g")).members()).hasSize(1);
    }
  }

  /** What a close cannot finish because nobody answers is said when its time is over. */
  @Nested
  class ClosingIntoABlackHole {
    private static final Duration WITHIN = Duration.ofSeconds(1);

    @Test
    void aWorkerNamesItsJob() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      Tributary working = connect();
      CompletableFuture<Void> handled = new CompletableFuture<>();
      List<String> ids = new CopyOnWriteArrayList<>();
      Worker worker =
          through(working, queue)
              .worker(
                  WorkerOptions.concurrency(1),
                  job -> {
                    ids.add(job.id());
                    return handled;
                  });
      get(queue.enqueue("work"));
      await("the job", () -> !ids.isEmpty());
      proxy(working).blackHole();
      handled.complete(null);
      CloseTimeoutException left = failure(CloseTimeoutException.class, worker.closeAsync(WITHIN));
      assertThat(left.count()).isEqualTo(1);
      assertThat(left.unfinished()).singleElement().asString().contains(ids.get(0));
      assertThat(worker.state()).isEqualTo(SubscriptionState.CLOSED);
      letGo(working);
    }

    @Test
    void aConsumerNamesItsStream() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      Tributary consuming = connect();
      CompletableFuture<Void> handled = new CompletableFuture<>();
      List<Long> seen = new CopyOnWriteArrayList<>();
      EventConsumer<String> consumer = through(consuming, stream).consumer(ConsumerOptions.builder().group("g").build());
      consumer.forEach(
          message -> {
            seen.add(message.offset());
            return handled;
          });
      get(stream.publish("a"));
      await("the event", () -> !seen.isEmpty());
      proxy(consuming).blackHole();
      handled.complete(null);
      CloseTimeoutException left = failure(CloseTimeoutException.class, consumer.closeAsync(WITHIN));
      assertThat(left.count()).isPositive();
      assertThat(consumer.state()).isEqualTo(SubscriptionState.CLOSED);
      letGo(consuming);
    }

    @Test
    void aPublisherFailsItsEvents() {
      requires(Capability.STREAMS);
      EventStream<String> stream = stream();
      Tributary publishing = connect();
      EventPublisher<String> publisher = through(publishing, stream).publisher();
      get(publisher.publish("a"));
      proxy(publishing).blackHole();
      CompletableFuture<?> event = publisher.publish("b");
      CloseTimeoutException left = failure(CloseTimeoutException.class, publisher.closeAsync(WITHIN));
      assertThat(left.count()).isEqualTo(1);
      assertThat(failure(TributaryException.class, event).maybeApplied()).isTrue();
      letGo(publishing);
    }

    @Test
    void aClientNamesItsCalls() {
      requires(Capability.QUEUES);
      JobQueue<String> queue = queue();
      Tributary calling = backend().connect(config -> config);
      get(through(calling, queue).stats());
      proxy(calling).blackHole();
      CompletableFuture<?> call = through(calling, queue).stats();
      CloseTimeoutException left = failure(CloseTimeoutException.class, calling.closeAsync(WITHIN));
      assertThat(left.count()).isEqualTo(1);
      assertThat(left.unfinished()).singleElement().asString().contains(queue.name().toString());
      failure(ClientClosedException.class, call);
    }

    /** Ends what hangs. */
    private void letGo(Tributary client) {
      proxy(client).reset();
      proxy(client).heal();
    }
  }

  private FaultProxy proxy(Tributary of) {
    return backend().proxy(of).orElseThrow();
  }

  private List<String> stored(EventStream<String> stream) {
    List<String> all = new ArrayList<>();
    while (true) {
      List<Message<String>> page = get(stream.read(0, all.size(), 1000));
      if (page.isEmpty()) {
        return all;
      }
      page.forEach(message -> all.add(message.value()));
    }
  }

  private void broken(CompletableFuture<?> call) {
    try {
      await(call);
    } catch (TributaryException failed) {
      broken(failed);
    }
  }

  /** What a call fails with that could not get through. */
  private static void broken(Throwable error) {
    assertThat(error).isInstanceOfAny(DeadlineExceededException.class, ConnectionFailedException.class);
    TributaryException known = checked(TributaryException.class, error);
    assertThat(known.retryable()).isTrue();
    assertThat(known.backend()).isNotBlank();
  }

  /** What calls said of values that they were to store. */
  private static final class Claims {
    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();
    private final Set<String> unsure = ConcurrentHashMap.newKeySet();

    <R> CompletableFuture<R> of(String value, CompletableFuture<R> call) {
      return call.whenComplete(
          (done, error) -> {
            if (error == null) {
              confirmed.add(value);
            } else if (error instanceof TributaryException known && known.maybeApplied()) {
              unsure.add(value);
            }
          });
    }

    /** Of what may be stored or not. */
    void maybe(String value) {
      unsure.add(value);
    }

    /** Confirmed is stored, what is stored was confirmed or may have been applied, and nothing is stored twice. */
    void areTrueOf(List<String> stored) {
      assertThat(stored).doesNotHaveDuplicates().containsAll(confirmed);
      assertThat(stored).allMatch(value -> confirmed.contains(value) || unsure.contains(value));
    }
  }

  /** Publishes one after the other, whatever happens, until it is stopped. */
  private static final class Load {
    private final EventStream<String> stream;
    private final List<Position> confirmed = new CopyOnWriteArrayList<>();
    private volatile boolean stop;
    private volatile boolean stopped;

    Load(EventStream<String> stream) {
      this.stream = stream;
      next();
    }

    private void next() {
      if (stop) {
        stopped = true;
        return;
      }
      stream
          .publish("load-" + confirmed.size())
          .whenCompleteAsync(
              (position, error) -> {
                if (error == null) {
                  confirmed.add(position);
                }
                next();
              });
    }

    int confirmed() {
      return confirmed.size();
    }

    void stop() {
      stop = true;
    }

    boolean stopped() {
      return stopped;
    }
  }

  /** A call of every kind, by a client that stands behind a proxy; what it did is looked at by another. */
  private final class Calls {
    private final Tributary faulty;
    private final Map<String, Supplier<CompletableFuture<?>>> kinds = new LinkedHashMap<>();
    private final Claims events = new Claims();
    private final Claims enqueued = new Claims();
    private EventStream<String> stream;
    private JobQueue<String> queue;
    private Job<String> leased;
    private int round;

    Calls(Tributary faulty) {
      this.faulty = faulty;
      if (has(Capability.STREAMS)) {
        stream = stream();
        kinds.put("publish", () -> storing(events, value -> through(faulty, stream).publish(value)));
        kinds.put("read", () -> through(faulty, stream).read(0, 0, 10));
        kinds.put("committed", () -> through(faulty, stream).committed("g", 0));
        kinds.put("commit", () -> through(faulty, stream).commit("g", new Position(0, 1)));
      }
      if (has(Capability.QUEUES)) {
        queue = queue();
        kinds.put("enqueue", () -> storing(enqueued, value -> through(faulty, queue).enqueue(value)));
        kinds.put("receive", () -> through(faulty, queue).receive(1));
        kinds.put("stats", () -> through(faulty, queue).stats());
      }
      if (has(Capability.KEY_VALUE)) {
        KeyValueStore<String> store = faulty.keyValue(store().name().toString(), Codecs.text());
        kinds.put("put", () -> store.put("k", "v"));
        kinds.put("get", () -> store.get("k"));
        kinds.put("keys", () -> store.keys(""));
      }
      kinds.put("health", () -> faulty.health().live());
    }

    FaultProxy proxy() {
      return FaultContract.this.proxy(faulty);
    }

    /** Each has worked on this connection, and a job is leased whose ack is a call too. A machine may be too busy for the deadline at first. */
    void warm() {
      allWork("at first");
      if (queue != null) {
        get(queue.enqueue("leased"));
        enqueued.maybe("leased");
        await("a job", () -> await(through(faulty, queue).reserve().handle((job, error) -> error == null && leases(job))));
        kinds.put("ack", () -> leased.ack());
      }
    }

    private boolean leases(Optional<Job<String>> job) {
      leased = job.orElse(null);
      return leased != null;
    }

    Map<String, CompletableFuture<?>> start() {
      round++;
      Map<String, CompletableFuture<?>> running = new LinkedHashMap<>();
      kinds.forEach((kind, call) -> running.put(kind, call.get()));
      return running;
    }

    void allEndInTime(Fault fault) {
      endInTime(start(), fault);
    }

    /** Each has an answer, or an error that says what a broken network does. */
    void endInTime(Map<String, CompletableFuture<?>> running, Fault fault) {
      running.forEach(
          (kind, call) -> {
            await(kind + " under " + fault, call::isDone);
            try {
              get(call);
            } catch (LeaseLostException repeated) {
              // Its answer was lost, and where a job is settled once only, a repeat cannot tell that from a lost lease.
              assertThat(kind).isEqualTo("ack");
              assertThat(repeated.maybeApplied()).isTrue();
            } catch (TributaryException failed) {
              broken(failed);
            }
          });
    }

    void allWorkAgain() {
      allWork("after healing");
    }

    private void allWork(String when) {
      kinds.keySet().stream()
          .filter(kind -> !kind.equals("ack"))
          .forEach(kind -> await(kind + " " + when, () -> await(kinds.get(kind).get().handle((done, error) -> error == null))));
    }

    void nothingWasStoredTwiceOrUnsaid() {
      if (stream != null) {
        events.areTrueOf(stored(stream));
      }
      if (queue != null && has(Capability.PEEK)) {
        List<PeekedJob<String>> waiting = get(queue.peek(100));
        assertThat(waiting).as("jobs, of which more may not be shown").hasSizeLessThan(100);
        enqueued.areTrueOf(waiting.stream().map(PeekedJob::value).toList());
      }
    }

    private CompletableFuture<?> storing(Claims claims, Function<String, CompletableFuture<?>> call) {
      String value = fresh("round " + round);
      return claims.of(value, call.apply(value));
    }
  }
}
