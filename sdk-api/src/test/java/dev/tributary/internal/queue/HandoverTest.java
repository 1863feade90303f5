package dev.tributary.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.Job;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that nobody tried, over a backend that would count an attempt if it got them back. */
class HandoverTest {
  private static final ReserveOptions MINUTE = ReserveOptions.lease(Duration.ofMinutes(1));

  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend =
      new FakeQueue(transport) {
        @Override
        public QueueTransport ofPartitions(Set<Integer> partitions) {
          return this;
        }
      };
  private Tributary client;
  private JobQueue<String> queue;

  @BeforeEach
  void openQueue() {
    transport.capabilities.remove(Capability.JOB_RELEASE);
    client = transport.client();
    queue = client.queue("q", Codecs.text());
  }

  private Job<String> reserve() {
    return queue.reserve(MINUTE).join().orElseThrow();
  }

  private List<String> released() {
    return backend.ids(Settlement.Kind.RELEASE);
  }

  private void advance(Duration by) {
    transport.time.advance(by);
  }

  @Test
  void theNextTakerGetsItAsTheSameDelivery() {
    backend.add(1);
    Job<String> first = reserve();
    assertThat(first.release()).isCompleted();
    Job<String> again = client.queue("q", Codecs.text()).reserve(MINUTE).join().orElseThrow();
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.attempt()).isEqualTo(1);
    assertThat(backend.receives).hasSize(1);
    again.ack().join();
    advance(Duration.ofHours(1));
    assertThat(released()).isEmpty();
    assertThat(transport.time.waiting()).isZero();
  }

  @Test
  void whoeverWaitsGetsIt() {
    backend.add(1);
    Job<String> job = reserve();
    CompletableFuture<Optional<Job<String>>> waiting = queue.reserve(MINUTE.toBuilder().maxWait(Duration.ofMinutes(5)).build());
    assertThat(waiting).isNotDone();
    job.release();
    assertThat(waiting.join().orElseThrow().id()).isEqualTo(job.id());
    assertThat(released()).isEmpty();
  }

  @Test
  void aWorkerThatWaitsGetsItAndNoMoreThanItHasSlots() {
    backend.add(2);
    Job<String> one = reserve();
    Job<String> two = reserve();
    List<Job<String>> running = new ArrayList<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    queue.worker(
        WorkerOptions.concurrency(1),
        job -> {
          running.add(job);
          return done;
        });
    one.release();
    two.release();
    assertThat(running).extracting(Job::id).containsExactly("job-0");
    done.complete(null);
    assertThat(running).extracting(Job::id).containsExactly("job-0", "job-1");
    assertThat(backend.ids(Settlement.Kind.ACK)).containsExactly("job-0", "job-1");
    assertThat(released()).isEmpty();
  }

  @Test
  void whatTheBackendBringsBesidesIsHeldForTheNextSlot() {
    backend.add(1);
    Job<String> given = reserve();
    CompletableFuture<List<dev.tributary.spi.LeasedJob>> poll = new CompletableFuture<>();
    backend.nextReceives.add(() -> poll);
    List<CompletableFuture<Void>> running = new ArrayList<>();
    Worker worker =
        queue.worker(
            WorkerOptions.concurrency(1),
            job -> {
              CompletableFuture<Void> done = new CompletableFuture<>();
              running.add(done);
              return done;
            });
    given.release();
    assertThat(running).hasSize(1);
    poll.complete(List.of(backend.leased("polled", Duration.ofMinutes(1))));
    assertThat(running).hasSize(1);
    running.get(0).complete(null);
    assertThat(running).hasSize(2);
    running.get(1).complete(null);
    assertThat(worker.stats().acked()).isEqualTo(2);
    assertThat(released()).isEmpty();
  }

  @Test
  void theCallAtTheBackendGoesOnBesides() {
    backend.add(2);
    List<Job<String>> given = List.of(reserve(), reserve());
    CompletableFuture<List<dev.tributary.spi.LeasedJob>> poll = new CompletableFuture<>();
    backend.nextReceives.add(() -> poll);
    List<Job<String>> running = new ArrayList<>();
    queue.worker(
        WorkerOptions.concurrency(3),
        job -> {
          running.add(job);
          return new CompletableFuture<>();
        });
    given.forEach(Job::release);
    assertThat(running).hasSize(2);
    assertThat(poll).isNotDone();
    assertThat(backend.receives).hasSize(3);
  }

  @Test
  void whatNobodyTakesGoesBackWhileHalfOfItsLeaseIsLeft() {
    backend.add(1);
    queue.reserve(ReserveOptions.lease(Duration.ofSeconds(20))).join().orElseThrow().release();
    advance(Duration.ofSeconds(9));
    assertThat(released()).isEmpty();
    advance(Duration.ofSeconds(1));
    assertThat(released()).containsExactly("job-0");
    assertThat(queue.reserve(MINUTE).join()).isEmpty();
  }

  @Test
  void aLongLeaseDoesNotKeepAJobFromOtherClients() {
    backend.add(1);
    queue.reserve(ReserveOptions.lease(Duration.ofHours(1))).join().orElseThrow().release();
    advance(Duration.ofSeconds(30));
    assertThat(released()).containsExactly("job-0");
  }

  @Test
  void aTakerWhoNeedsALongerLeaseAsksTheBackend() {
    backend.add(1);
    queue.reserve(ReserveOptions.lease(Duration.ofSeconds(20))).join().orElseThrow().release();
    assertThat(queue.reserve(ReserveOptions.lease(Duration.ofHours(1))).join()).isEmpty();
    assertThat(queue.reserve(ReserveOptions.lease(Duration.ofSeconds(20))).join()).isPresent();
  }

  @Test
  void closingTheClientGivesBackWhatIsHeld() {
    backend.add(2);
    reserve().release();
    CompletableFuture<Void> stuck = new CompletableFuture<>();
    queue.worker(WorkerOptions.builder().drainTimeout(Duration.ofSeconds(1)).build(), job -> stuck);
    assertThat(released()).isEmpty();
    CompletableFuture<Void> closed = client.closeAsync();
    advance(Duration.ofSeconds(1));
    assertThat(closed).isCompleted();
    assertThat(released()).containsExactly("job-0");
    reserveAfterClose();
  }

  private void reserveAfterClose() {
    assertThat(queue.reserve(MINUTE)).isCompletedExceptionally();
  }

  @Test
  void noMoreAreHeldThanABound() {
    backend.add(1_100);
    List<Job<String>> all = new ArrayList<>();
    while (all.size() < 1_100) {
      all.addAll(queue.receive(100, MINUTE).join());
    }
    all.forEach(Job::release);
    assertThat(released()).hasSize(100);
    assertThat(transport.time.waiting()).isLessThanOrEqualTo(1_001);
  }

  @Test
  void queuesAreApart() {
    backend.add(1);
    reserve().release();
    assertThat(client.queue("other").reserve(MINUTE).join()).isEmpty();
  }

  @Test
  void aViewOfPartitionsTakesOnlyItsOwn() {
    backend.add(1);
    reserve().release();
    assertThat(queue.partitions(Set.of(3)).reserve(MINUTE).join()).isEmpty();
    assertThat(queue.partitions(Set.of(0, 3)).reserve(MINUTE).join()).isPresent();
  }

  @Test
  void restartsOfBusyWorkersCostNoAttempt() {
    backend.add(8);
    for (int deploy = 1; deploy <= 5; deploy++) {
      List<Runnable> begun = new ArrayList<>();
      Worker worker =
          queue.worker(
              WorkerOptions.builder()
                  .concurrency(8)
                  .executor(
                      task -> {
                        if (begun.size() == 2) {
                          throw new RejectedExecutionException("full");
                        }
                        begun.add(task);
                      })
                  .drainTimeout(Duration.ofSeconds(1))
                  .build(),
              job -> new CompletableFuture<>());
      begun.forEach(Runnable::run);
      CompletableFuture<Void> closed = worker.closeAsync();
      advance(Duration.ofSeconds(1));
      assertThat(closed).isCompleted();
    }
    assertThat(backend.leased).as("each was leased once").isEqualTo(8);
    assertThat(queue.receive(8, ReserveOptions.lease(Duration.ofSeconds(30))).join())
        .extracting(Job::id)
        .containsExactlyInAnyOrder("job-0", "job-1", "job-2", "job-3", "job-4", "job-5", "job-6", "job-7");
    assertThat(released()).isEmpty();
  }
}
