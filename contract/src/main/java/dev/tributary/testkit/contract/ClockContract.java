package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.error.LeaseLostException;
import dev.tributary.queue.Job;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Leases of a client whose wall clock is wrong, or is set while it has jobs. They are as long as they are, by any clock. */
public abstract class ClockContract extends QueueTopic {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void aClockThatIsBehindChangesNothing() {
    SkewedTime time = new SkewedTime(backend().time(), MINUTE.negated());
    leasesLastAsLongAsTheyDo(time, Duration.ZERO);
  }

  @Test
  void aClockThatIsAheadChangesNothing() {
    SkewedTime time = new SkewedTime(backend().time(), MINUTE);
    leasesLastAsLongAsTheyDo(time, Duration.ZERO);
  }

  @Test
  void aClockThatIsSetForwardChangesNothing() {
    leasesLastAsLongAsTheyDo(new SkewedTime(backend().time(), Duration.ZERO), HOUR);
  }

  @Test
  void aClockThatIsSetBackChangesNothing() {
    leasesLastAsLongAsTheyDo(new SkewedTime(backend().time(), Duration.ZERO), HOUR.negated());
  }

  private void leasesLastAsLongAsTheyDo(SkewedTime time, Duration step) {
    JobQueue<String> queue = queue();
    JobQueue<String> skewed = through(connect(config -> config.time(time)), queue);

    get(queue.enqueue("in time"));
    Job<String> inTime = get(skewed.reserve(ReserveOptions.lease(Duration.ofSeconds(20)))).orElseThrow();
    time.step(step);
    pass(Duration.ofSeconds(5));
    assertThat(get(queue.reserve())).isEmpty();
    get(inTime.ack());

    get(queue.enqueue("late"));
    Job<String> late = get(skewed.reserve(BRIEFLY)).orElseThrow();
    time.step(step);
    pass(PAST_SHORT);
    failure(LeaseLostException.class, late.ack());
    Job<String> again = await(queue.reserve(PATIENTLY)).orElseThrow();
    assertThat(again.id()).isEqualTo(late.id());
    get(again.ack());

    if (has(Capability.LEASE_EXTENSION)) {
      get(queue.enqueue("long"));
      Job<String> extended = get(skewed.reserve(BRIEFLY)).orElseThrow();
      time.step(step);
      get(extended.extend(Duration.ofSeconds(20)));
      pass(Duration.ofSeconds(10));
      assertThat(get(queue.reserve())).isEmpty();
      get(extended.ack());
    }
  }

  @Test
  void aWorkerWhoseClockIsBehindHandlesALongJobOnce() {
    handlesALongJobOnce(new SkewedTime(backend().time(), MINUTE.negated()), Duration.ZERO);
  }

  @Test
  void aWorkerWhoseClockIsAheadHandlesALongJobOnce() {
    handlesALongJobOnce(new SkewedTime(backend().time(), MINUTE), Duration.ZERO);
  }

  @Test
  void aWorkerWhoseClockIsSetHandlesALongJobOnce() {
    handlesALongJobOnce(new SkewedTime(backend().time(), Duration.ZERO), HOUR);
    handlesALongJobOnce(new SkewedTime(backend().time(), Duration.ZERO), HOUR.negated());
  }

  private void handlesALongJobOnce(SkewedTime time, Duration step) {
    requires(Capability.LEASE_EXTENSION);
    JobQueue<String> queue = queue();
    JobQueue<String> skewed = through(connect(config -> config.time(time)), queue);
    List<Job<String>> handled = new CopyOnWriteArrayList<>();
    Duration lease = Duration.ofSeconds(30);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Worker worker =
        skewed.worker(
            WorkerOptions.builder().concurrency(2).lease(lease).build(),
            job -> {
              handled.add(job);
              time.step(step);
              return done;
            });
    get(queue.enqueue("long"));
    await("the handler", () -> !handled.isEmpty());
    passRenewing(lease, lease.multipliedBy(4), handled);
    assertThat(get(queue.reserve())).isEmpty();
    done.complete(null);
    await("the ack", () -> get(queue.stats()).inFlight() == 0);
    await(worker.closeAsync());
    assertThat(handled).extracting(Job::attempt).containsExactly(1);
  }
}
