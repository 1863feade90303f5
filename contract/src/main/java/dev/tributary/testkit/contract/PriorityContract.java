package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What priorities do: higher first, equal ones in the order of enqueueing, and one order over all partitions. */
public abstract class PriorityContract extends QueueTopic {
  private static final int PARTITIONS = 4;

  @BeforeEach
  final void requirePriorities() {
    requires(Capability.JOB_PRIORITY);
  }

  private static NewJob<String> job(String value, int priority) {
    return NewJob.builder(value).priority(priority).build();
  }

  /** Thirty jobs of five priorities, positive and negative: those that every backend with priorities has. */
  private static List<NewJob<String>> mixed() {
    return IntStream.range(0, 30).mapToObj(i -> job("j-" + i, i * 3 % 5 - 2)).toList();
  }

  /** The same, each with a key of its own. */
  private static List<NewJob<String>> spread(List<NewJob<String>> jobs) {
    return jobs.stream()
        .map(job -> NewJob.builder(job.value()).priority(job.priority()).partitionKey(job.value()).build())
        .toList();
  }

  /** Their values as they must come. The sort is stable. */
  private static List<String> bestFirst(List<NewJob<String>> jobs) {
    return jobs.stream().sorted(Comparator.comparing(NewJob::priority, Comparator.reverseOrder())).map(NewJob::value).toList();
  }

  private static List<String> oneByOne(JobQueue<String> queue, int count) {
    List<String> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      order.add(reserve(queue).value());
    }
    return order;
  }

  @Test
  void higherPrioritiesComeFirst() {
    JobQueue<String> queue = queue();
    get(queue.enqueue("normal-1"));
    get(queue.enqueue(job("high", 1)));
    get(queue.enqueue(job("low", -1)));
    get(queue.enqueue("normal-2"));
    assertThat(oneByOne(queue, 4)).containsExactly("high", "normal-1", "normal-2", "low");
  }

  @Test
  void theOrderIsTheSameInOneCallAndInMany() {
    for (boolean many : new boolean[] {false, true}) {
      JobQueue<String> queue = queue();
      get(queue.enqueueAll(mixed()));
      List<String> order = many ? oneByOne(queue, 30) : take(queue, 30).stream().map(Job::value).toList();
      assertThat(order).isEqualTo(bestFirst(mixed()));
    }
  }

  @Test
  void theOrderIsOneOverAllPartitions() {
    requires(Capability.JOB_PARTITION_KEY);
    for (boolean many : new boolean[] {false, true}) {
      JobQueue<String> queue = partitioned(PARTITIONS);
      List<EnqueueResult> stored = get(queue.enqueueAll(spread(mixed())));
      assertThat(stored).extracting(EnqueueResult::partition).as("partitions in use").contains(0, 1, 2, 3);
      List<String> order = many ? oneByOne(queue, 30) : take(queue, 30).stream().map(Job::value).toList();
      assertThat(order).isEqualTo(bestFirst(mixed()));
    }
  }

  @Test
  void jobsOfOnePriorityComeInTheOrderOfEnqueueingWhereverTheyLie() {
    requires(Capability.JOB_PARTITION_KEY);
    JobQueue<String> queue = partitioned(PARTITIONS);
    spread(jobs(numbered("j", 0, 20))).forEach(job -> get(queue.enqueue(job)));
    assertThat(oneByOne(queue, 20)).isEqualTo(numbered("j", 0, 20));
  }

  @Test
  void aStreamOfJobsHasTheSameOrder() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(mixed()));
    Probe<Job<String>> probe = Probe.of(queue.jobs());
    await("all jobs", () -> probe.count() == 30);
    assertThat(probe.items()).extracting(Job::value).isEqualTo(bestFirst(mixed()));
  }

  @Test
  void anUrgentJobOvertakesThoseThatWait() {
    JobQueue<String> queue = queue();
    get(queue.enqueueAll(jobs(numbered("j", 0, 10))));
    assertThat(oneByOne(queue, 2)).containsExactly("j-0", "j-1");
    get(queue.enqueue(job("urgent", 1)));
    assertThat(oneByOne(queue, 2)).containsExactly("urgent", "j-2");
  }

  @Test
  void thePriorityIsToldAndStays() {
    JobQueue<String> queue = queue();
    get(queue.enqueue(job("low", -2)));
    get(queue.enqueue(job("high", 2)));
    if (has(Capability.PEEK)) {
      assertThat(get(queue.peek(10))).extracting(PeekedJob::priority).containsExactly(2, -2);
    }
    Job<String> high = reserve(queue);
    assertThat(high.priority()).isEqualTo(2);
    get(high.nack(Duration.ofSeconds(1)));
    pass(Duration.ofSeconds(2));
    assertThat(take(queue, 2)).extracting(Job::priority).containsExactly(2, -2);
  }
}
