package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What a queue does as a stream of leased jobs. */
public abstract class JobStreamContract extends QueueTopic {
  @Test
  void jobsAreLeasedOneForEachUnitOfDemand() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 10))));
    Probe<Job<String>> probe = Probe.of(queue.jobs(), 3);
    await("three jobs", () -> probe.count() == 3);
    pass(Duration.ofSeconds(2));
    assertThat(probe.count()).isEqualTo(3);
    assertThat(get(queue.stats()).inFlight()).isEqualTo(3);
    probe.request(2);
    await("five jobs", () -> probe.count() == 5);
    assertThat(probe.items()).extracting(Job::value).isEqualTo(numbered("j", 0, 5));
    probe.items().forEach(job -> get(job.ack()));
    assertThat(get(queue.stats()).inFlight()).isZero();
  }

  @Test
  void demandInPiecesIsMetInPieces() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 10))));
    Probe<Job<String>> probe = Probe.of(queue.jobs(), 0);
    int asked = 0;
    for (int piece : new int[] {0, 1, 2, 1, 3}) {
      if (piece > 0) {
        probe.request(piece);
      }
      asked += piece;
      int expected = asked;
      await(expected + " jobs", () -> probe.count() == expected);
      pass(Duration.ofSeconds(1));
      assertThat(probe.count()).isEqualTo(expected);
      assertThat(get(queue.stats()).inFlight()).as("leased after %d were asked for", expected).isEqualTo(expected);
    }
    assertThat(probe.items()).extracting(Job::value).isEqualTo(numbered("j", 0, 7));
  }

  @Test
  void whatNobodyAskedForIsThereForOthers() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 10))));
    Probe<Job<String>> modest = Probe.of(queue.jobs(), 2);
    await("two jobs", () -> modest.count() == 2);
    pass(Duration.ofSeconds(1));
    JobQueue<String> other = through(connect(), queue);
    assertThat(take(other, 8)).extracting(Job::value).isEqualTo(numbered("j", 2, 10));
    assertThat(modest.count()).isEqualTo(2);
  }

  @Test
  void anAckIsNoDemand() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 5))));
    Probe<Job<String>> probe = Probe.of(queue.jobs(), 2);
    await("two jobs", () -> probe.count() == 2);
    probe.items().forEach(job -> get(job.ack()));
    pass(Duration.ofSeconds(1));
    assertThat(probe.count()).isEqualTo(2);
    assertThat(get(queue.stats()).inFlight()).isZero();
    assertThat(get(queue.stats()).pending()).isEqualTo(3);
  }

  @Test
  void demandThatWaitsIsMetOnceForEachUnit() {
    JobQueue<String> queue = queue();
    Probe<Job<String>> probe = Probe.of(queue.jobs(), 3);
    pass(Duration.ofSeconds(1));
    numbered("j", 0, 5).forEach(value -> get(queue.enqueue(value)));
    await("three jobs", () -> probe.count() == 3);
    pass(Duration.ofSeconds(1));
    assertThat(probe.items()).extracting(Job::value).isEqualTo(numbered("j", 0, 3));
    assertThat(get(queue.stats()).inFlight()).isEqualTo(3);
    assertThat(get(queue.stats()).pending()).isEqualTo(2);
  }

  @Test
  void cancellingLeavesNothingLeased() {
    JobQueue<String> queue = queue();
    Probe<Job<String>> probe = Probe.of(queue.jobs(), 5);
    get(queue.enqueue("one"));
    await("a job", () -> probe.count() == 1);
    get(probe.items().get(0).ack());
    probe.cancel();
    pass(Duration.ofSeconds(2));
    get(queue.enqueue("two"));
    Job<String> job = await(queue.reserve(PATIENTLY)).orElseThrow();
    assertThat(job.value()).isEqualTo("two");
    assertThat(probe.count()).isEqualTo(1);
  }

  @Test
  void jobsThatComeLaterArriveToo() {
    JobQueue<String> queue = queue();
    Probe<Job<String>> probe = Probe.of(queue.jobs());
    for (int i = 0; i < 5; i++) {
      int count = i + 1;
      get(queue.enqueue("j-" + i));
      await("job " + i, () -> probe.count() == count);
      get(probe.items().get(i).ack());
    }
    assertThat(probe.items()).extracting(Job::value).isEqualTo(numbered("j", 0, 5));
  }

  @Test
  void anUnsettledJobIsRenewed() {
    requires(Capability.LEASE_EXTENSION);
    JobQueue<String> queue = queue();
    get(queue.enqueue("long"));
    Probe<Job<String>> probe = Probe.of(queue.jobs(JobsOptions.lease(Duration.ofSeconds(6))), 1);
    await("the job", () -> probe.count() == 1);
    Job<String> job = probe.items().get(0);
    Instant end = job.leaseDeadline();
    await("three renewals", () -> job.leaseDeadline().isAfter(end.plusSeconds(8)));
    assertThat(get(queue.reserve())).isEmpty();
    get(job.ack());
  }
}
