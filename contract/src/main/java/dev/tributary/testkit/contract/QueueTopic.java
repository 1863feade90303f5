package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.admin.QueueConfig;
import dev.tributary.queue.Job;
import dev.tributary.queue.ReserveOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** What the suites about queues share. */
abstract class QueueTopic extends Contract {
  /** A lease that tests let run out. */
  static final Duration SHORT = Duration.ofSeconds(2);

  /** Longer than a short lease and the backoff of {@link #queue()} after it. */
  static final Duration PAST_SHORT = Duration.ofSeconds(5);

  static final ReserveOptions BRIEFLY = ReserveOptions.lease(SHORT);
  static final ReserveOptions PATIENTLY = ReserveOptions.maxWait(Duration.ofMinutes(5));

  @BeforeEach
  final void requireQueues() {
    requires(Capability.QUEUES);
  }

  /** A queue of this many partitions. */
  final JobQueue<String> partitioned(int partitions) {
    requires(Capability.JOB_PARTITIONS);
    return queue(QueueConfig.builder().partitions(partitions).build());
  }

  static Job<String> reserve(JobQueue<String> queue) {
    return get(queue.reserve()).orElseThrow(() -> new AssertionError("no job was ready"));
  }

  /** Exactly this many jobs, in as many calls as it takes. */
  static List<Job<String>> take(JobQueue<String> queue, int count) {
    List<Job<String>> all = new ArrayList<>();
    while (all.size() < count) {
      List<Job<String>> some = get(queue.receive(Math.min(100, count - all.size())));
      assertThat(some).as("after %d of %d", all.size(), count).isNotEmpty();
      all.addAll(some);
    }
    return all;
  }
}
