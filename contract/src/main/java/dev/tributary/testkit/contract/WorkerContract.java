package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.Job;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What workers do: concurrency, failures, renewal, draining and sharing. */
public abstract class WorkerContract extends QueueTopic {
  @Test
  void everyJobIsProcessedOnce() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 300))));
    List<String> handled = new CopyOnWriteArrayList<>();
    Worker worker =
        queue.worker(
            WorkerOptions.concurrency(8),
            job -> {
              handled.add(job.value());
              return CompletableFuture.completedFuture(null);
            });
    await("all jobs", () -> worker.stats().acked() == 300);
    await(worker.closeAsync());
    assertThat(handled).containsExactlyInAnyOrderElementsOf(numbered("j", 0, 300));
    QueueStats stats = get(queue.stats());
    assertThat(stats.pending() + stats.inFlight()).isZero();
    assertThat(worker.state()).isEqualTo(SubscriptionState.CLOSED);
    get(worker.ended());
  }

  @Test
  void aHandlerThatBlocksAcksWhenItReturnsAndNacksWhenItThrows() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(List.of("good", "flaky"))));
    List<String> handled = new CopyOnWriteArrayList<>();
    Worker worker =
        queue.process(
            WorkerOptions.builder().backoff((attempt, failure) -> Duration.ofSeconds(1)).build(),
            job -> {
              handled.add(job.value() + " " + job.attempt());
              if (job.value().equals("flaky") && job.attempt() == 1) {
                throw new IOException("down");
              }
            });
    await("both jobs", () -> worker.stats().acked() == 2);
    assertThat(worker.stats().nacked()).isEqualTo(1);
    assertThat(worker.stats().failed()).isEqualTo(1);
    assertThat(worker.stats().deadLettered()).isZero();
    assertThat(handled).containsExactlyInAnyOrder("good 1", "flaky 1", "flaky 2");
  }

  @Test
  void noMoreRunThanAllowedAndNoMoreAreLeased() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 20))));
    List<CompletableFuture<Void>> running = new CopyOnWriteArrayList<>();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger now = new AtomicInteger();
    Worker worker =
        queue.worker(
            WorkerOptions.concurrency(4),
            job -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              CompletableFuture<Void> done = new CompletableFuture<>();
              running.add(done);
              return done;
            });
    for (int finished = 0; finished < 20; finished++) {
      int next = finished;
      await("job " + next, () -> running.size() > next);
      if (next == 2) {
        await("four jobs", () -> running.size() == 6);
        assertThat(get(queue.stats()).inFlight()).isLessThanOrEqualTo(4);
      }
      now.decrementAndGet();
      running.get(next).complete(null);
    }
    await("all jobs", () -> worker.stats().acked() == 20);
    assertThat(most).hasValueLessThanOrEqualTo(4);
  }

  @Test
  void whatAWorkerDoesNotRunIsThereForOthers() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 10))));
    CompletableFuture<Void> done = new CompletableFuture<>();
    List<String> started = new CopyOnWriteArrayList<>();
    queue.worker(
        WorkerOptions.builder().concurrency(2).lease(Duration.ofMinutes(10)).build(),
        job -> {
          started.add(job.value());
          return done;
        });
    await("two jobs", () -> started.size() == 2);
    pass(Duration.ofSeconds(1));
    assertThat(take(through(connect(), queue), 8)).extracting(Job::value).isEqualTo(numbered("j", 2, 10));
    assertThat(started).containsExactlyInAnyOrder("j-0", "j-1");
    done.complete(null);
  }

  @Test
  void aFailedJobIsTriedAgainAndThenADeadLetter() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(List.of("good", "poison", "flaky"))));
    Map<String, List<Integer>> attempts = new ConcurrentHashMap<>();
    Worker worker =
        queue.worker(
            WorkerOptions.concurrency(2),
            job -> {
              attempts.computeIfAbsent(job.value(), value -> new CopyOnWriteArrayList<>()).add(job.attempt());
              if (job.value().equals("poison") || (job.value().equals("flaky") && job.attempt() == 1)) {
                throw new IllegalStateException(job.value());
              }
              return CompletableFuture.completedFuture(null);
            });
    await("two acks and four nacks", () -> worker.stats().acked() == 2 && worker.stats().nacked() == 4);
    await(worker.closeAsync());
    assertThat(attempts)
        .isEqualTo(Map.of("good", List.of(1), "flaky", List.of(1, 2), "poison", List.of(1, 2, 3)));
    assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("poison");
  }

  @Test
  void theBackoffOfTheWorkerGoesBeforeThatOfTheQueue() {
    JobQueue<String> queue = queue(RedeliveryPolicy.fixedBackoff(Duration.ofSeconds(60)));
    get(queue.enqueue("flaky"));
    List<Integer> failed = new CopyOnWriteArrayList<>();
    WorkerOptions options =
        WorkerOptions.builder()
            .backoff(
                (attempt, failure) -> {
                  failed.add(attempt);
                  return Duration.ofSeconds(1);
                })
            .build();
    Instant begin = backend().time().now();
    Worker worker =
        queue.worker(
            options,
            job -> job.attempt() == 1 ? CompletableFuture.failedFuture(new IllegalStateException("flaky")) : job.ack());
    await("the ack", () -> worker.stats().acked() == 1);
    assertThat(Duration.between(begin, backend().time().now())).isLessThan(Duration.ofSeconds(30));
    assertThat(failed).containsExactly(1);
  }

  @Test
  void aHandlerThatSettlesHasTheLastWord() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(List.of("rejected", "acked"))));
    Worker worker =
        queue.worker(
            WorkerOptions.concurrency(1),
            job -> {
              if (job.value().equals("rejected")) {
                return job.reject("nonsense");
              }
              return job.ack().thenCompose(done -> CompletableFuture.failedFuture(new IllegalStateException("too late")));
            });
    await("both", () -> worker.stats().acked() == 1 && worker.stats().rejected() == 1);
    await(worker.closeAsync());
    pass(PAST_SHORT);
    assertThat(get(queue.reserve())).isEmpty();
    assertThat(get(queue.deadLetters().list(10))).extracting(DeadLetter::value).containsExactly("rejected");
  }

  @Test
  void aLongJobIsRenewed() {
    requires(Capability.LEASE_EXTENSION);
    JobQueue<String> queue = queue();
    get(queue.enqueue("long"));
    CompletableFuture<Job<String>> started = new CompletableFuture<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    Worker worker =
        queue.worker(
            WorkerOptions.builder().lease(Duration.ofSeconds(6)).build(),
            job -> {
              calls.incrementAndGet();
              started.complete(job);
              return done;
            });
    Job<String> job = await(started);
    Instant end = job.leaseDeadline();
    await("three renewals", () -> job.leaseDeadline().isAfter(end.plusSeconds(8)));
    done.complete(null);
    await("the ack", () -> worker.stats().acked() == 1);
    assertThat(calls).hasValue(1);
    assertThat(worker.stats().leasesLost()).isZero();
  }

  @Test
  void aVeryLongJobIsRenewedHoweverSeldomThatCanBe() {
    requires(Capability.LEASE_EXTENSION);
    Duration lease = Duration.ofSeconds(backend().time() instanceof VirtualTime ? 30 : 6);
    JobQueue<String> queue = queue();
    get(queue.enqueue("very long"));
    CompletableFuture<Job<String>> started = new CompletableFuture<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    Worker worker =
        queue.worker(
            WorkerOptions.builder().lease(lease).build(),
            job -> {
              calls.incrementAndGet();
              started.complete(job);
              return done;
            });
    Job<String> job = await(started);
    Instant late = job.leaseDeadline().plus(lease.multipliedBy(backend().limits().maxExtensions() + 2L));
    while (backend().time().now().isBefore(late)) {
      Instant end = job.leaseDeadline();
      pass(Duration.between(backend().time().now(), end).minus(lease.dividedBy(3)));
      await("a renewal", () -> job.leaseDeadline().isAfter(end));
    }
    done.complete(null);
    await("the ack", () -> worker.stats().acked() == 1);
    assertThat(worker.stats().leasesLost()).isZero();
    assertThat(calls).hasValue(1);
  }

  @Test
  void closingWaitsForWhatRuns() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger started = new AtomicInteger();
    Worker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(2).lease(Duration.ofMinutes(10)).drainTimeout(Duration.ofMinutes(5)).build(),
            job -> {
              started.incrementAndGet();
              return done;
            });
    await("two jobs", () -> started.get() == 2);
    CompletableFuture<Void> closing = worker.closeAsync();
    pass(Duration.ofSeconds(1));
    assertThat(closing).isNotDone();
    done.complete(null);
    await(closing);
    assertThat(worker.stats().acked()).isEqualTo(2);
    assertThat(started).hasValue(2);
    assertThat(reserve(queue).attempt()).isEqualTo(1);
  }

  @Test
  void whatStillRunsAfterTheDrainTimeoutIsGivenBack() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("stuck"));
    AtomicInteger started = new AtomicInteger();
    Worker worker =
        queue.worker(
            WorkerOptions.builder().lease(Duration.ofHours(1)).drainTimeout(Duration.ofSeconds(1)).build(),
            job -> {
              started.incrementAndGet();
              return new CompletableFuture<>();
            });
    await("the job", () -> started.get() == 1);
    await(worker.closeAsync());
    Job<String> again = await(queue.reserve(PATIENTLY)).orElseThrow();
    assertThat(again.attempt()).as("its run was cut by the worker").isEqualTo(1);
    assertThat(worker.stats().nacked()).isZero();
  }

  @Test
  void handlersMayBlockAllAtOnce() throws Exception {
    int many = 8;
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, many))));
    CountDownLatch begun = new CountDownLatch(many);
    CountDownLatch go = new CountDownLatch(1);
    List<Job<String>> handled = new CopyOnWriteArrayList<>();
    Duration lease = Duration.ofSeconds(30);
    Worker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(many).lease(lease).build(),
            job -> {
              handled.add(job);
              begun.countDown();
              go.await();
              return CompletableFuture.completedFuture(null);
            });
    try {
      await("all at once", () -> begun.getCount() == 0);
      if (has(Capability.LEASE_EXTENSION)) {
        passRenewing(lease, lease.multipliedBy(2), handled);
      }
    } finally {
      go.countDown();
    }
    await("all acks", () -> worker.stats().acked() == many);
    await(worker.closeAsync());
    assertThat(handled).extracting(Job::value).containsExactlyInAnyOrderElementsOf(numbered("j", 0, many));
    assertThat(worker.stats().leasesLost()).isZero();
  }

  @Test
  void closingFromWithinAHandlerDoesNotWaitForIt() {
    JobQueue<String> queue = queue();
    CompletableFuture<Worker> itself = new CompletableFuture<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    itself.complete(
        queue.worker(
            WorkerOptions.concurrency(1),
            job -> {
              itself.thenCompose(Worker::closeAsync).thenRun(() -> closed.complete(null));
              return closed;
            }));
    get(queue.enqueue("last"));
    await(closed);
    await("the ack", () -> get(queue.stats()).inFlight() == 0 && get(queue.stats()).pending() == 0);
  }

  @Test
  void closingTheClientDrainsItsWorkers() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
    Tributary other = connect();
    List<String> handled = new CopyOnWriteArrayList<>();
    Worker worker =
        through(other, queue)
            .worker(
                WorkerOptions.concurrency(5),
                job -> {
                  handled.add(job.value());
                  return CompletableFuture.completedFuture(null);
                });
    await("five jobs", () -> handled.size() == 5);
    await(other.closeAsync());
    get(worker.ended());
    assertThat(get(queue.stats()).inFlight()).isZero();
    assertThat(get(queue.stats()).pending()).isZero();
  }

  @Test
  void aWorkerOfNoQueueEndsWithAnError() {
    requiresThatThingsMustBeCreated();
    JobQueue<String> nowhere = client().queue(fresh("nowhere"), Codecs.text());
    Worker worker = nowhere.worker(WorkerOptions.concurrency(1), job -> CompletableFuture.completedFuture(null));
    failure(NotFoundException.class, worker.ended());
    assertThat(worker.state()).isEqualTo(SubscriptionState.CLOSED);
  }

  @Test
  void workersShareTheJobs() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 100))));
    Set<String> seen = Collections.synchronizedSet(new HashSet<>());
    List<String> twice = new CopyOnWriteArrayList<>();
    List<Worker> workers = new ArrayList<>();
    for (Tributary each : List.of(client(), connect(), connect())) {
      workers.add(
          through(each, queue)
              .worker(
                  WorkerOptions.concurrency(3),
                  job -> {
                    if (!seen.add(job.value())) {
                      twice.add(job.value());
                    }
                    return CompletableFuture.completedFuture(null);
                  }));
    }
    await("all jobs", () -> workers.stream().mapToLong(worker -> worker.stats().acked()).sum() == 100);
    assertThat(seen).hasSize(100);
    assertThat(twice).isEmpty();
  }
}
