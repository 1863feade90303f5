package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceKind;
import dev.tributary.codec.Codecs;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.QueueStats;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.testkit.fault.FaultPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What users of the Python client of Disheap do with its mock and its scenarios, with the same outcome: here on the real client. */
final class DisheapMockSeedTest {
  /** The service to test. */
  private static CompletableFuture<EnqueueResult> place(Tributary client) {
    return client.queue("test-topic", Codecs.text()).enqueue(NewJob.builder("order 42").priority(100).build());
  }

  @Test
  void countWhatAServiceCalls() {
    try (FakeTributary fake = FakeTributary.create()) {
      fake.admin().createQueue("test-topic", QueueConfig.DEFAULT).join();
      place(fake).join();
      Job<byte[]> placed = fake.queue("test-topic").reserve().join().orElseThrow();
      placed.extend(Duration.ofMinutes(1)).join();
      placed.nack(Duration.ZERO).join();
      fake.queue("test-topic").reserve().join().orElseThrow().ack().join();

      assertThat(fake.journal().count("admin.createQueue")).isEqualTo(1);
      for (String once : List.of("enqueue", "extend", "nack", "ack")) {
        assertThat(fake.journal().count(once)).as(once).isEqualTo(1);
      }
      assertThat(fake.journal().last("enqueue").orElseThrow().resource()).hasToString("default/default/test-topic");

      fake.reset();
      assertThat(fake.journal().calls()).isEmpty();
      assertThat(fake.admin().list(ResourceKind.QUEUE).join()).isEmpty();
    }
  }

  @Test
  void produceAndConsumeInTheOrderOfPriority() {
    try (FakeTributary fake = Scenario.jobsByPriority("integration-test", 5)) {
      List<Job<byte[]>> consumed = new ArrayList<>();
      fake.queue("integration-test").worker(WorkerOptions.concurrency(1), job -> CompletableFuture.completedFuture(consumed.add(job)));

      assertThat(consumed).hasSize(5).extracting(Job::priority).isSortedAccordingTo(Comparator.reverseOrder());
      assertThat(consumed).extracting(Job::id).doesNotHaveDuplicates();
      assertThat(fake.journal().count("ack")).isEqualTo(5);
    }
  }

  @Test
  void highLoad() {
    try (FakeTributary fake = Scenario.jobsByKey("load-test", 100)) {
      JobQueue<String> queue = fake.queue("load-test", Codecs.text());
      for (int batch = 0; batch < 10; batch++) {
        int first = 100 + 10 * batch;
        queue.enqueueAll(IntStream.range(first, first + 10).mapToObj(i -> NewJob.of("job " + i)).toList()).join();
      }
      assertThat(fake.journal().count("enqueue")).as("one call for each batch").isEqualTo(10);

      List<String> consumed = new ArrayList<>();
      queue.worker(WorkerOptions.concurrency(16), job -> CompletableFuture.completedFuture(consumed.add(job.value())));
      assertThat(consumed).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 200).mapToObj(i -> "job " + i).toList());
      QueueStats stats = queue.stats().join();
      assertThat(stats.pending() + stats.inFlight()).isZero();
    }
  }

  @Test
  void errorsByChanceLoseNothing() {
    try (FakeTributary fake = FakeTributary.create()) {
      JobQueue<String> queue = fake.queue("error-test", Codecs.text());
      fake.faults().failRandomly(FaultPlan.ANY, 0.3, 42);
      List<CompletableFuture<EnqueueResult>> enqueued = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        enqueued.add(queue.enqueue("job " + i));
      }
      List<String> consumed = new ArrayList<>();
      queue.worker(WorkerOptions.concurrency(4), job -> CompletableFuture.completedFuture(consumed.add(job.value())));
      fake.time().advance(Duration.ofMinutes(1));

      assertThat(enqueued).allSatisfy(each -> assertThat(each).isCompleted());
      assertThat(fake.journal().count("enqueue")).as("tries").isGreaterThan(20);
      assertThat(consumed).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 20).mapToObj(i -> "job " + i).toList());
    }
  }

  @Test
  void aSlowNetwork() {
    try (FakeTributary fake = FakeTributary.create()) {
      fake.faults().delayEvery(FaultPlan.ANY, Duration.ofMillis(100));
      CompletableFuture<EnqueueResult> placed = place(fake);
      assertThat(placed).isNotDone();
      fake.time().advance(Duration.ofMillis(100));
      assertThat(placed).isCompleted();
    }
  }
}
