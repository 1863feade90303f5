package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.error.UndecodableException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.QueueStats;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a queue says about itself, and how it is changed: stats, peeking, purging and the redelivery policy. */
public abstract class InspectContract extends QueueTopic {
  @Test
  void theStatsCountWhatWaitsAndWhatIsLeased() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
    Job<String> done = reserve(queue);
    Job<String> running = reserve(queue);
    get(done.ack());
    QueueStats stats = get(queue.stats());
    assertThat(stats.pending()).isEqualTo(3);
    assertThat(stats.inFlight()).isEqualTo(1);
    stats.enqueued().ifPresent(count -> assertThat(count).isEqualTo(5));
    stats.completed().ifPresent(count -> assertThat(count).isEqualTo(1));
    get(running.ack());
    assertThat(get(queue.stats()).inFlight()).isZero();
  }

  @Test
  void delayedJobsArePending() {
    requires(Capability.JOB_DELAY);
    JobQueue<String> queue = queue();
    get(queue.enqueue(NewJob.builder("late").delay(Duration.ofHours(1)).build()));
    assertThat(get(queue.stats()).pending()).isEqualTo(1);
  }

  @Test
  void peekingTakesNothing() {
    requires(Capability.PEEK);
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
    assertThat(get(queue.peek(2))).extracting(PeekedJob::value).containsExactly("j-0", "j-1");
    assertThat(take(queue, 3)).extracting(Job::attempt).containsOnly(1);
  }

  @Test
  void oneThatCannotBeDecodedHidesNoOther() {
    requires(Capability.PEEK);
    JobQueue<String> queue = queue();
    get(client().queue(queue.name().toString()).enqueue(NOT_TEXT));
    get(queue.enqueue("good"));
    List<PeekedJob<String>> peeked = get(queue.peek(10));
    assertThat(peeked).hasSize(2);
    UndecodableException why = checked(UndecodableException.class, peeked.get(0).undecodable());
    assertThat(why.id()).contains(peeked.get(0).id());
    assertThat(why.bytes()).isEqualTo(NOT_TEXT);
    assertThat(why.resource()).isEqualTo(queue.name().toString());
    assertThatThrownBy(peeked.get(0)::value).isSameAs(why);
    assertThat(peeked.get(1).value()).isEqualTo("good");
  }

  @Test
  void purgingDropsWhatIsNotLeased() {
    requires(Capability.PURGE);
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 3))));
    Job<String> leased = reserve(queue);
    get(queue.purge());
    assertThat(get(queue.reserve())).isEmpty();
    get(leased.ack());
  }

  @Test
  void thePolicyComesBackAsItWasSet() {
    requires(Capability.REDELIVERY_POLICY);
    JobQueue<String> queue = queue();
    for (RedeliveryPolicy.Strategy strategy : RedeliveryPolicy.Strategy.values()) {
      RedeliveryPolicy policy =
          RedeliveryPolicy.builder()
              .maxAttempts(7)
              .initialBackoff(Duration.ofSeconds(2))
              .maxBackoff(Duration.ofSeconds(50))
              .multiplier(3.0)
              .strategy(strategy)
              .build();
      get(queue.setRedeliveryPolicy(policy));
      assertThat(get(queue.redeliveryPolicy())).isEqualTo(policy);
    }
  }

  @Test
  void aNewPolicyHoldsForWhatFailsFromThenOn() {
    requires(Capability.REDELIVERY_POLICY, Capability.DEAD_LETTERS);
    JobQueue<String> queue = queue();
    get(queue.setRedeliveryPolicy(RedeliveryPolicy.maxAttempts(1)));
    get(queue.enqueue("poison"));
    assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.DEAD_LETTERED);
    get(queue.setRedeliveryPolicy(RedeliveryPolicy.builder().maxAttempts(2).fixedBackoff(Duration.ofSeconds(3)).build()));
    get(queue.enqueue("again"));
    assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.REQUEUED);
    pass(Duration.ofSeconds(1));
    assertThat(get(queue.reserve())).isEmpty();
    pass(Duration.ofSeconds(3));
    assertThat(get(reserve(queue).nack())).isEqualTo(NackOutcome.DEAD_LETTERED);
  }
}
