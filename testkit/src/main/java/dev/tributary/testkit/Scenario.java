package dev.tributary.testkit;

import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.queue.NewJob;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Where a test may begin: fakes with work in them. Their journals are empty, so that they count what the test does. Close them. To see
 * the same on a backend that fails now and then, add {@code faults().failRandomly(FaultPlan.ANY, 0.3, seed)}.
 */
public final class Scenario {
  private static final int FIRST_PRIORITY = 100;
  private static final int KEYS = 4;

  private Scenario() {}

  /** So many jobs wait in a queue of two partitions: the text {@code job 0} with priority 100, {@code job 1} with 99 and so on. */
  public static FakeTributary jobsByPriority(String queue, int jobs) {
    return filled(queue, 2, jobs, i -> job(i).priority(FIRST_PRIORITY - i).build());
  }

  /** So many jobs wait in a queue of four partitions: {@code job 0} of the partition key {@code key-0}, up to {@code key-3} and again. */
  public static FakeTributary jobsByKey(String queue, int jobs) {
    return filled(queue, KEYS, jobs, i -> job(i).partitionKey("key-" + i % KEYS).build());
  }

  private static NewJob.Builder<String> job(int number) {
    return NewJob.builder("job " + number);
  }

  private static FakeTributary filled(String queue, int partitions, int count, IntFunction<NewJob<String>> job) {
    List<NewJob<String>> jobs = IntStream.range(0, count).mapToObj(job).toList();
    FakeTributary fake = FakeTributary.create();
    fake.admin().createQueue(queue, QueueConfig.builder().partitions(partitions).build()).join();
    fake.queue(queue, Codecs.text()).enqueueAll(jobs).join();
    fake.journal().clear();
    return fake;
  }
}
