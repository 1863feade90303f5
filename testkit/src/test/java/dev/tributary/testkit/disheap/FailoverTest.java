package dev.tributary.testkit.disheap;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.JobQueue;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.engine.MemoryEngine;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.wire.PassingTime;
import dev.tributary.testkit.wire.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two servers of one engine, as two nodes of a cluster that share what they store. */
@Timeout(120)
class FailoverTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final int UNAVAILABLE = 14;

  private final VirtualTime time = new VirtualTime();
  private final PassingTime passing = new PassingTime(time);
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer first = EmbeddedServer.disheap().transport(engine.connect()).time(time).start();
  private final EmbeddedServer second = EmbeddedServer.disheap().transport(engine.connect()).time(time).start();
  private final FaultProxy toFirst = FaultProxy.before(first.host(), first.port());
  private final FaultProxy toSecond = FaultProxy.before(second.host(), second.port());
  private final Tributary client = Tributary.connect(config(Retry.DEFAULT));
  private final JobQueue<String> queue = client.queue("q", Codecs.text());

  private ClientConfig config(Retry retry) {
    return ClientConfig.builder("disheap")
        .endpoint(toFirst.host(), toFirst.port())
        .endpoint(toSecond.host(), toSecond.port())
        .retry(retry.toBuilder().backoff(Duration.ofMillis(5), Duration.ofMillis(50)).build())
        .timeout(NEVER)
        .connectTimeout(Duration.ofSeconds(10))
        .idleProbe(NEVER)
        .time(time)
        .build();
  }

  @AfterEach
  void close() throws Exception {
    passing.of(client.closeAsync(Duration.ofMinutes(5)));
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
    CUTS_STREAMS {
      @Override
      void happenTo(FailoverTest test) {
        test.first.faults().cut(UNAVAILABLE, "on purpose");
      }
    };

    abstract void happenTo(FailoverTest test);
  }

  /** Tries without end, so that nothing is lost by having been leased too often. */
  private void create() throws Exception {
    passing.of(client.admin().createQueue("q", QueueConfig.builder().maxAttempts(0).build()));
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(i -> "j-" + i).toList();
  }

  private List<String> enqueue(int count) throws Exception {
    List<String> values = numbered(count);
    passing.of(queue.enqueueAll(values.stream().map(NewJob::of).toList()));
    return values;
  }

  /** Everything is settled, and nothing was given up. */
  private void becomesEmpty() throws Exception {
    passing.until("the last settlement", () -> left(passing.of(queue.stats())) == 0);
    assertThat(passing.of(queue.deadLetters().list(10))).isEmpty();
  }

  private static long left(QueueStats stats) {
    return stats.pending() + stats.inFlight();
  }

  @Test
  void oneThatIsDownAtTheStartCostsNothingButTime() throws Exception {
    toFirst.refuse();
    create();
    enqueue(1);
    assertThat(passing.of(queue.reserve()).orElseThrow().value()).isEqualTo("j-0");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsEnqueuedMeanwhileIsStoredOnceAndConfirmed(Break what) throws Exception {
    create();
    List<CompletableFuture<EnqueueResult>> enqueued = new ArrayList<>();
    for (String value : numbered(1_000)) {
      enqueued.add(queue.enqueue(value));
      if (enqueued.size() == 300) {
        passing.of(enqueued.get(0));
      } else if (enqueued.size() == 600) {
        what.happenTo(this);
      }
    }
    List<String> ids = new ArrayList<>();
    for (CompletableFuture<EnqueueResult> one : enqueued) {
      ids.add(passing.of(one).id());
    }
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(passing.of(queue.stats()).pending()).isEqualTo(1_000);
    assertThat(passing.of(queue.peek(100))).extracting(PeekedJob::value).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerHandlesEverythingAllTheSame(Break what) throws Exception {
    create();
    List<String> values = enqueue(300);
    Set<String> handled = ConcurrentHashMap.newKeySet();
    try (Worker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(8).lease(LEASE).build(),
            job -> {
              handled.add(job.value());
              return CompletableFuture.completedFuture(null);
            })) {
      passing.until("some jobs", () -> handled.size() >= 50);
      what.happenTo(this);
      // One that was handled and not acked in time comes again.
      becomesEmpty();
      assertThat(worker.ended()).isNotDone();
      passing.of(worker.closeAsync(Duration.ofMinutes(5)));
    }
    assertThat(handled).containsExactlyInAnyOrderElementsOf(values);
  }

  @ParameterizedTest
  @EnumSource
  void aStreamOfJobsGoesOn(Break what) throws Exception {
    create();
    List<String> values = enqueue(100);
    List<SubscriptionState> states = new CopyOnWriteArrayList<>();
    Received<Job<String>> jobs = new Received<>(Job::ack);
    queue.jobs(JobsOptions.builder().lease(LEASE).onState(states::add).build()).subscribe(jobs);
    passing.until("the first jobs", () -> jobs.all(Job::value).containsAll(values));
    what.happenTo(this);
    passing.of(queue.enqueue("after"));
    passing.until("the last job", () -> jobs.all(Job::value).contains("after"));
    becomesEmpty();
    assertThat(jobs.end()).isNotDone();
    passing.until("what the listener hears last", () -> states.get(states.size() - 1) == SubscriptionState.LIVE);
    assertThat(states).startsWith(SubscriptionState.LIVE).doesNotContain(SubscriptionState.CLOSED);
  }

  /** What can be done with a job that was taken. */
  private enum Settling {
    ACK {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.ack();
      }
    },
    NACK {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.nack(Duration.ZERO);
      }
    },
    REJECT {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.reject("on purpose");
      }
    },
    EXTEND {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.extend(Duration.ofMinutes(2));
      }
    };

    abstract CompletableFuture<?> of(Job<?> job);
  }

  private Job<String> takenFromFirst() throws Exception {
    create();
    enqueue(1);
    Job<String> job = passing.of(queue.reserve()).orElseThrow();
    toFirst.refuse();
    passing.of(queue.stats());
    assertThat(toSecond.connections()).isPositive();
    return job;
  }

  @ParameterizedTest
  @EnumSource
  void aJobIsSettledAtTheNodeThatGaveItWhereverCallsGoNow(Settling settling) throws Exception {
    Job<String> job = takenFromFirst();
    toFirst.heal();
    passing.of(settling.of(job));
  }

  @Test
  void whereTheNodeThatGaveAJobIsGoneItsLeaseIsLostAtOnce() throws Exception {
    Job<String> job = takenFromFirst();
    assertThat(failure(passed(job.ack()))).isInstanceOf(LeaseLostException.class);
  }

  private <T> CompletableFuture<T> passed(CompletableFuture<T> call) throws Exception {
    passing.until("the last try", call::isDone);
    return call;
  }

  @Test
  void ifAllAreDownTheErrorSaysWhereItTried() throws Exception {
    toFirst.refuse();
    toSecond.refuse();
    try (Tributary impatient = Tributary.connect(config(Retry.maxAttempts(4)))) {
      TributaryException error = failure(passed(impatient.queue("q").enqueue(new byte[1])));
      assertThat(error).isInstanceOf(ConnectionFailedException.class).hasMessageContaining("127.0.0.1:");
      assertThat(error.maybeApplied()).isFalse();
    }
  }

  @Test
  void oneThatFailedIsUsedAgainWhenItIsBack() throws Exception {
    create();
    enqueue(1);
    assertThat(toSecond.connections()).isZero();
    toFirst.refuse();
    enqueue(1);
    assertThat(toSecond.connections()).isPositive();
    long before = toFirst.connections();
    toFirst.heal();
    toSecond.refuse();
    enqueue(1);
    assertThat(toFirst.connections()).isGreaterThan(before);
    assertThat(passing.of(queue.stats()).pending()).isEqualTo(3);
  }
}
