package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What partitions of a queue do: keys stay with theirs, and a consumer may keep to some. */
public abstract class PartitionContract extends QueueTopic {
  private JobQueue<String> queue;

  @BeforeEach
  final void makeQueue() {
    requires(Capability.JOB_PARTITION_KEY);
    queue = partitioned(3);
  }

  /** Enqueues {@code j-0} and so on, each with a key of its own; what each partition got, in order. */
  private Map<Integer, List<String>> spread(int count) {
    List<NewJob<String>> jobs =
        numbered("j", 0, count).stream().map(value -> NewJob.builder(value).partitionKey(value).build()).toList();
    List<EnqueueResult> stored = get(queue.enqueueAll(jobs));
    Map<Integer, List<String>> byPartition =
        numbered("j", 0, count).stream()
            .collect(Collectors.groupingBy(value -> stored.get(Integer.parseInt(value.substring(2))).partition()));
    assertThat(byPartition.keySet()).as("partitions in use").containsExactlyInAnyOrder(0, 1, 2);
    return byPartition;
  }

  private JobQueue<String> only(Integer... partitions) {
    return queue.partitions(Set.of(partitions));
  }

  @Test
  void aKeyStaysWithItsPartition() {
    Map<String, Integer> homes = new HashMap<>();
    for (int round = 0; round < 3; round++) {
      for (String key : numbered("key", 0, 12)) {
        int partition = get(queue.enqueue(NewJob.builder(key).partitionKey(key).build())).partition();
        assertThat(homes.computeIfAbsent(key, first -> partition)).as(key).isEqualTo(partition);
      }
    }
    assertThat(new HashSet<>(homes.values())).as("partitions in use").hasSizeGreaterThan(1);
    assertThat(take(queue, 36)).allSatisfy(job -> assertThat(job.partition()).isEqualTo(homes.get(job.value())));
  }

  @Test
  void aConsumerMayKeepToAPartition() {
    Map<Integer, List<String>> stored = spread(30);
    for (int partition = 0; partition < 3; partition++) {
      List<Job<String>> taken = get(only(partition).receive(100));
      assertThat(taken).extracting(Job::value).isEqualTo(stored.get(partition));
      assertThat(taken).extracting(Job::partition).containsOnly(partition);
      assertThat(get(only(partition).reserve())).isEmpty();
    }
  }

  @Test
  void aConsumerMayKeepToSeveral() {
    Map<Integer, List<String>> stored = spread(30);
    List<String> others = numbered("j", 0, 30).stream().filter(value -> !stored.get(1).contains(value)).toList();
    assertThat(get(only(0, 2).receive(100))).extracting(Job::value).isEqualTo(others);
    assertThat(get(queue.receive(100))).extracting(Job::value).isEqualTo(stored.get(1));
  }

  @Test
  void aStreamOfJobsAndAWorkerMayKeepToTheirs() {
    Map<Integer, List<String>> stored = spread(30);
    Probe<Job<String>> probe = Probe.of(only(0).jobs());
    List<String> handled = new CopyOnWriteArrayList<>();
    Worker worker =
        only(1)
            .worker(
                WorkerOptions.concurrency(1),
                job -> {
                  handled.add(job.value());
                  return CompletableFuture.completedFuture(null);
                });
    await("the jobs of one", () -> probe.count() == stored.get(0).size());
    await("the jobs of the other", () -> worker.stats().acked() == stored.get(1).size());
    await(worker.closeAsync());
    assertThat(probe.items()).extracting(Job::value).isEqualTo(stored.get(0));
    assertThat(handled).isEqualTo(stored.get(1));
    probe.items().forEach(job -> get(job.ack()));
    assertThat(get(queue.receive(100))).extracting(Job::value).isEqualTo(stored.get(2));
  }

  @Test
  void lookingMayBeAtAPartition() {
    requires(Capability.PEEK);
    Map<Integer, List<String>> stored = spread(30);
    List<PeekedJob<String>> peeked = get(only(2).peek(100));
    assertThat(peeked).extracting(PeekedJob::value).isEqualTo(stored.get(2));
    assertThat(peeked).extracting(PeekedJob::partition).containsOnly(2);
  }

  @Test
  void countingMayBeInAPartition() {
    Map<Integer, List<String>> stored = spread(30);
    reserve(only(1));
    assertThat(get(only(1).stats()).pending()).isEqualTo(stored.get(1).size() - 1);
    assertThat(get(only(1).stats()).inFlight()).isEqualTo(1);
    assertThat(get(only(0, 2).stats()).pending()).isEqualTo(stored.get(0).size() + stored.get(2).size());
    assertThat(get(only(0, 2).stats()).inFlight()).isZero();
  }

  @Test
  void purgingMayBeOfAPartition() {
    requires(Capability.PURGE);
    Map<Integer, List<String>> stored = spread(30);
    get(only(0, 1).purge());
    assertThat(get(queue.receive(100))).extracting(Job::value).isEqualTo(stored.get(2));
  }

  @Test
  void aPartitionThatIsNotThereIsRefused() {
    failure(InvalidRequestException.class, only(3).reserve());
    failure(InvalidRequestException.class, only(0, 3).receive(1));
  }
}
