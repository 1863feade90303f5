package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ReserveOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What settling a job does, and not settling it: acks, nacks, redelivery, and leases that end or are extended. */
public abstract class SettleContract extends QueueTopic {
  private static final Duration BACKOFF = Duration.ofSeconds(1);

  @Test
  void aJobComesBackWhenItsLeaseEnds() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> first = get(queue.reserve(BRIEFLY)).orElseThrow();
    assertThat(get(queue.reserve())).isEmpty();
    pass(PAST_SHORT);
    Job<String> second = await(queue.reserve(PATIENTLY)).orElseThrow();
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.attempt()).isEqualTo(2);
    get(second.ack());
  }

  @Test
  void anAckAfterTheLeaseEndedFails() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = get(queue.reserve(BRIEFLY)).orElseThrow();
    pass(PAST_SHORT);
    failure(LeaseLostException.class, job.ack());
    assertThat(await(queue.reserve(PATIENTLY))).isPresent();
  }

  @Test
  void anAckOfAJobThatSomebodyElseHasByNowFails() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> late = get(queue.reserve(BRIEFLY)).orElseThrow();
    pass(PAST_SHORT);
    Job<String> current = await(through(connect(), queue).reserve(PATIENTLY)).orElseThrow();
    failure(LeaseLostException.class, late.ack());
    get(current.ack());
  }

  @Test
  void aNackWithADelayRedeliversAfterIt() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    assertThat(get(reserve(queue).nack(SHORT))).isEqualTo(NackOutcome.REQUEUED);
    assertThat(get(queue.reserve())).isEmpty();
    pass(SHORT.plusSeconds(1));
    Job<String> again = reserve(queue);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.value()).isEqualTo("work");
  }

  @Test
  void aNackRedeliversAfterTheBackoffOfThePolicy() {
    JobQueue<String> queue = queue(RedeliveryPolicy.fixedBackoff(Duration.ofSeconds(3)));
    get(queue.enqueue("work"));
    assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.REQUEUED);
    pass(Duration.ofSeconds(1));
    assertThat(get(queue.reserve())).isEmpty();
    pass(Duration.ofSeconds(3));
    assertThat(reserve(queue).attempt()).isEqualTo(2);
  }

  @Test
  void aRedeliveredJobKeepsItsHeaders() {
    requires(Capability.JOB_HEADERS);
    JobQueue<String> queue = queue();
    get(queue.enqueue(NewJob.builder("work").header("type", "mail").build()));
    get(reserve(queue).nack(BACKOFF, "not now"));
    pass(PAST_SHORT);
    assertThat(reserve(queue).headers()).containsEntry("type", "mail");
  }

  @Test
  void theSameVerbAgainGivesTheSameResult() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = reserve(queue);
    CompletableFuture<Void> first = job.ack();
    get(first);
    get(job.ack());
  }

  @Test
  void anotherVerbAfterASettlementFails() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = reserve(queue);
    get(job.ack());
    failure(LeaseLostException.class, job.nack());
    failure(LeaseLostException.class, job.reject("late"));
    if (has(Capability.LEASE_EXTENSION)) {
      failure(LeaseLostException.class, job.extend(SHORT));
    }
    pass(PAST_SHORT);
    assertThat(get(queue.reserve())).isEmpty();
  }

  @Test
  void anExtendedLeaseLastsLonger() {
    requires(Capability.LEASE_EXTENSION);
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = get(queue.reserve(BRIEFLY)).orElseThrow();
    Instant end = get(job.extend(Duration.ofSeconds(20)));
    assertThat(end).isAfter(backend().time().now().plusSeconds(15));
    assertThat(job.leaseDeadline()).isEqualTo(end);
    pass(PAST_SHORT);
    assertThat(get(queue.reserve())).isEmpty();
    get(job.ack());
  }

  @Test
  void aLeaseIsExtendedAsOftenAsTheLimitsSay() {
    requires(Capability.LEASE_EXTENSION);
    int most = backend().limits().maxExtensions();
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = get(queue.reserve(ReserveOptions.lease(Duration.ofSeconds(20)))).orElseThrow();
    for (int i = 1; i <= (most == 0 ? 12 : most); i++) {
      Duration length = Duration.ofSeconds(20 + i);
      Instant end = get(job.extend(length));
      assertThat(end).as("extension %d", i).isAfter(backend().time().now().plus(length).minusSeconds(5));
    }
    if (most > 0) {
      Instant end = job.leaseDeadline();
      failure(TributaryException.class, job.extend(Duration.ofSeconds(60)));
      assertThat(job.leaseDeadline()).isEqualTo(end);
    }
    pass(PAST_SHORT);
    assertThat(get(queue.reserve())).isEmpty();
    get(job.ack());
  }

  @Test
  void aLeaseThatEndedCannotBeExtended() {
    requires(Capability.LEASE_EXTENSION);
    JobQueue<String> queue = queue();
    get(queue.enqueue("work"));
    Job<String> job = get(queue.reserve(BRIEFLY)).orElseThrow();
    pass(PAST_SHORT);
    failure(LeaseLostException.class, job.extend(SHORT));
  }
}
