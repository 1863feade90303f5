package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.Tributary;
import dev.tributary.error.LeaseLostException;
import dev.tributary.queue.Job;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What a settlement does that comes too late: nothing to whoever has the job by then, and it says so. */
public abstract class LateContract extends QueueTopic {
  @Test
  void aLateAckLeavesTheJobWithWhoeverHasIt() {
    leavesTheJob(Job::ack);
  }

  @Test
  void aLateNackLeavesTheJobWithWhoeverHasIt() {
    leavesTheJob(job -> job.nack(Duration.ofSeconds(1)));
  }

  @Test
  void aLateRejectionLeavesTheJobWithWhoeverHasIt() {
    requires(Capability.DEAD_LETTERS);
    JobQueue<String> queue = leavesTheJob(job -> job.reject("late"));
    assertThat(get(queue.deadLetters().list(10))).isEmpty();
  }

  @Test
  void aLateExtensionLeavesTheJobWithWhoeverHasIt() {
    requires(Capability.LEASE_EXTENSION);
    leavesTheJob(job -> job.extend(Duration.ofSeconds(20)));
  }

  /** And whoever has it dies with it: somebody else gets it then. */
  private JobQueue<String> leavesTheJob(Function<Job<String>, CompletionStage<?>> late) {
    JobQueue<String> queue = queue(RedeliveryPolicy.builder().maxAttempts(5).fixedBackoff(Duration.ofSeconds(1)).build());
    get(queue.enqueue("work"));
    Job<String> first = get(queue.reserve(BRIEFLY)).orElseThrow();
    pass(PAST_SHORT);
    Tributary other = connect();
    Job<String> second = await(through(other, queue).reserve(PATIENTLY.toBuilder().lease(Duration.ofSeconds(10)).build())).orElseThrow();
    assertThat(second.id()).isEqualTo(first.id());
    LeaseLostException lost = failure(LeaseLostException.class, late.apply(first));
    assertThat(lost.maybeApplied()).isFalse();
    assertThat(get(queue.reserve())).as("while the second has it").isEmpty();
    backend().kill(other);
    pass(Duration.ofSeconds(15));
    Job<String> third = await(queue.reserve(PATIENTLY)).orElseThrow();
    assertThat(third.id()).isEqualTo(first.id());
    assertThat(third.attempt()).isEqualTo(3);
    get(third.ack());
    return queue;
  }

  @Test
  void whatIsLateInABatchDoesNotHarmTheRest() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 4))));
    Job<String> late = get(queue.reserve(BRIEFLY)).orElseThrow();
    List<Job<String>> others = take(queue, 3);
    pass(PAST_SHORT);
    List<? extends CompletionStage<?>> acks = others.stream().map(Job::ack).toList();
    failure(LeaseLostException.class, late.ack());
    acks.forEach(Contract::get);
    assertThat(await(queue.reserve(PATIENTLY)).orElseThrow().id()).isEqualTo(late.id());
  }
}
