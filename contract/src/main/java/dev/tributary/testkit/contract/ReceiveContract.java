package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.queue.Job;
import dev.tributary.queue.ReserveOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What reserving and receiving jobs does: how many, waiting, cancelling, and one consumer at a time. */
public abstract class ReceiveContract extends QueueTopic {
  /** As many as a client may have, and more. */
  private static final int CONNECTIONS = 4;

  @Test
  void anEmptyQueueGivesNothing() {
    JobQueue<String> queue = queue();
    assertThat(get(queue.reserve())).isEmpty();
    assertThat(get(queue.receive(10))).isEmpty();
  }

  @Test
  void receiveTakesWhatIsThereUpToTheMaximum() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
    assertThat(get(queue.receive(3))).extracting(Job::value).containsExactly("j-0", "j-1", "j-2");
    assertThat(get(queue.receive(10))).extracting(Job::value).containsExactly("j-3", "j-4");
  }

  @Test
  void aWaitingReserveGetsAJobThatArrives() {
    JobQueue<String> queue = queue();
    CompletableFuture<Optional<Job<String>>> waiting = queue.reserve(PATIENTLY);
    pass(Duration.ofSeconds(1));
    assertThat(waiting).isNotDone();
    get(queue.enqueue("work"));
    Job<String> job = await(waiting).orElseThrow();
    assertThat(job.value()).isEqualTo("work");
    get(job.ack());
  }

  @Test
  void aWaitingReserveGivesNothingInTheEnd() {
    assertThat(await(queue().reserve(ReserveOptions.maxWait(Duration.ofSeconds(1))))).isEmpty();
  }

  @Test
  void noJobIsLostByACancelWheneverItComes() {
    JobQueue<String> queue = queue();
    Random random = new Random(7);
    int rounds = 60;
    int handled = 0;
    for (int i = 0; i < rounds; i++) {
      get(queue.enqueue("j-" + i));
      ReserveOptions shortly = ReserveOptions.builder().lease(Duration.ofMinutes(5)).maxWait(Duration.ofSeconds(1)).build();
      CompletableFuture<Optional<Job<String>>> reserve = queue.reserve(shortly);
      LockSupport.parkNanos(random.nextInt(3_000_000));
      if (!reserve.cancel(true)) {
        Optional<Job<String>> job = get(reserve);
        job.ifPresent(got -> get(got.ack()));
        handled += job.isPresent() ? 1 : 0;
      }
    }
    // Less time passes than a lease takes to end; none at first, because what gives a job back needs its answer in time.
    AtomicInteger late = new AtomicInteger(rounds - handled);
    List<JobQueue<String>> clients = List.of(queue, through(connect(), queue));
    BooleanSupplier all =
        () -> {
          for (JobQueue<String> client : clients) {
            for (Job<String> job : get(client.receive(10))) {
              get(job.ack());
              late.decrementAndGet();
            }
          }
          return late.get() == 0;
        };
    for (int i = 0; i < 1_000 && !all.getAsBoolean(); i++) {
      LockSupport.parkNanos(1_000_000);
    }
    long end = backend().time().nanos() + Duration.ofMinutes(3).toNanos();
    await("the jobs of those who cancelled", () -> all.getAsBoolean() || backend().time().nanos() - end > 0);
    handled = rounds - late.get();
    // Where nothing says that a job was not tried, one may have died of being given back.
    int dead = has(Capability.DEAD_LETTERS) && !has(Capability.JOB_RELEASE) ? get(queue.deadLetters().list(rounds)).size() : 0;
    assertThat(handled + dead).isEqualTo(rounds);
  }

  @Test
  void aCancelledReserveTakesNothing() {
    JobQueue<String> queue = queue();
    CompletableFuture<Optional<Job<String>>> waiting = queue.reserve(PATIENTLY);
    pass(Duration.ofSeconds(1));
    waiting.cancel(true);
    // What is asked later on the same connection is answered when the cancellation was heard. Connections are taken in turn.
    for (int i = 0; i < CONNECTIONS; i++) {
      assertThat(get(queue.reserve(ReserveOptions.maxWait(Duration.ZERO)))).isEmpty();
    }
    get(queue.enqueue("work"));
    Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
    assertThat(job.attempt()).isEqualTo(1);
    get(job.ack());
  }

  @Test
  void aJobIsWithOneConsumerAtATime() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 40))));
    JobQueue<String> other = through(connect(), queue);
    List<CompletableFuture<List<Job<String>>>> takes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      takes.add((i % 2 == 0 ? queue : other).receive(4));
    }
    List<String> taken = new ArrayList<>();
    takes.forEach(take -> get(take).forEach(job -> taken.add(job.value())));
    assertThat(taken).containsExactlyInAnyOrderElementsOf(numbered("j", 0, 40));
  }

  @Test
  void theLeaseEndsWhenAskedFor() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Instant before = backend().time().now();
    Instant end = get(queue.reserve(BRIEFLY)).orElseThrow().leaseDeadline();
    if (end != null) {
      assertThat(end).isBetween(before.plus(SHORT).minusSeconds(1), backend().time().now().plus(SHORT).plusSeconds(1));
    }
  }
}
