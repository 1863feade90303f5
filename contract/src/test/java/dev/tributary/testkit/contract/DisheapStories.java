package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.codec.json.JsonCodec;
import dev.tributary.config.ClientConfig;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users of the Python client of Disheap do, step by step as its documentation has it, with the same outcome. */
@Timeout(60)
abstract class DisheapStories {
  final VirtualTime time = new VirtualTime();
  final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  Tributary client;

  @BeforeEach
  void start() {
    client = connect(UnaryOperator.identity());
  }

  @AfterEach
  void stop() {
    client.close();
    engine.close();
  }

  @Test
  void produceOneAndABatch() {
    client.admin().createQueue("work-queue", QueueConfig.builder().partitions(4).build()).join();
    JobQueue<String> queue = client.queue("work-queue", Codecs.text());
    EnqueueResult one = queue.enqueue(NewJob.builder("urgent").priority(100).partitionKey("user_123").build()).join();
    List<EnqueueResult> batch = queue.enqueueAll(List.of(job("task 1", 90), job("task 2", 95), job("task 3", 85))).join();

    assertThat(batch).hasSize(3).extracting(EnqueueResult::duplicate).containsOnly(false);
    assertThat(batch).extracting(EnqueueResult::id).doesNotContain(one.id()).doesNotHaveDuplicates();
    assertThat(queue.receive(10).join()).extracting(Job::value).containsExactly("urgent", "task 2", "task 1", "task 3");
  }

  @Test
  void aHeapMayHaveTheSmallestPriorityFirst() {
    client.admin().createQueue("by-deadline", QueueConfig.builder().option("mode", "min").build()).join();
    JobQueue<String> queue = client.queue("by-deadline", Codecs.text());
    queue.enqueueAll(List.of(job("low", -5), job("high", 5))).join();
    // Higher first, whatever the heap's numbers are.
    assertThat(queue.receive(10).join()).extracting(Job::value).containsExactly("high", "low");
  }

  @Test
  void consumeAndSettleByHowTheHandlerEnds() {
    create("work-queue");
    JobQueue<String> queue = client.queue("work-queue", Codecs.text());
    queue.enqueueAll(List.of(job("steady", 1), job("flaky", 2))).join();
    Queue<String> deliveries = new ConcurrentLinkedQueue<>();
    Worker worker =
        queue.worker(
            WorkerOptions.builder().concurrency(1).lease(Duration.ofMinutes(5)).build(),
            job -> {
              deliveries.add(job.value() + " " + job.priority() + " " + job.attempt());
              if (job.value().equals("flaky") && job.attempt() == 1) {
                throw new IllegalStateException("try again");
              }
              return CompletableFuture.completedFuture(null);
            });
    await(() -> worker.stats().acked() == 2);

    assertThat(deliveries).containsExactlyInAnyOrder("flaky 2 1", "steady 1 1", "flaky 2 2").startsWith("flaky 2 1");
    get(worker.closeAsync());
    assertThat(queue.stats().join().inFlight()).isZero();
  }

  @Test
  void payloadsAreTextOrJson() {
    create("orders");
    JobQueue<Order> queue = client.queue("orders", JsonCodec.of(Order.class));
    queue.enqueue(new Order("42", 3)).join();
    assertThat(client.queue("orders", Codecs.text()).peek(1).join().get(0).value()).isEqualTo("{\"id\":\"42\",\"items\":3}");
    assertThat(queue.reserve().join().orElseThrow().value()).isEqualTo(new Order("42", 3));
  }

  record Order(String id, int items) {}

  @Test
  void numberJobsByHandAndSettleThemByHand() {
    try (Tributary billing = connect(config -> config.configureIdempotency("billing", 12_345))) {
      create("critical-tasks");
      JobQueue<String> queue = billing.queue("critical-tasks", Codecs.text());
      NewJob.Builder<String> important =
          NewJob.builder("important").priority(1000).partitionKey("shard_1").maxAttempts(6).delay(Duration.ofMinutes(10));
      EnqueueResult result = queue.enqueue(important.build()).join();
      ProducerSequence first = new ProducerSequence("billing", 12_345, 1);
      EnqueueResult again = queue.enqueue(important.producerSequence(first).build()).join();
      assertThat(again.duplicate()).isTrue();
      assertThat(again.id()).isEqualTo(result.id());

      ReserveOptions tenMinutes = ReserveOptions.lease(Duration.ofMinutes(10));
      assertThat(queue.reserve(tenMinutes).join()).isEmpty();
      time.advance(Duration.ofMinutes(10));
      Job<String> job = queue.reserve(tenMinutes).join().orElseThrow();
      assertThat(job.priority()).isEqualTo(1000);
      assertThat(job.maxAttempts()).hasValue(6);
      assertThat(job.producer()).isEqualTo(first);

      assertThat(job.leaseEndsWithin(Duration.ofMinutes(2))).isFalse();
      time.advance(Duration.ofSeconds(510));
      assertThat(job.leaseEndsWithin(Duration.ofMinutes(2))).isTrue();
      assertThat(job.extend(Duration.ofMinutes(5)).join()).isEqualTo(time.now().plus(Duration.ofMinutes(5)));
      time.advance(Duration.ofMinutes(3));

      assertThat(job.nack(Duration.ofMinutes(5), "processing failed").join()).isEqualTo(NackOutcome.REQUEUED);
      assertThat(queue.reserve().join()).isEmpty();
      time.advance(Duration.ofMinutes(5));
      Job<String> second = queue.reserve().join().orElseThrow();
      assertThat(second.attempt()).isEqualTo(2);
      second.ack().join();
      assertThat(queue.reserve().join()).isEmpty();
    }
  }

  @Test
  void theFirstMessage() {
    QueueConfig threefold = QueueConfig.builder().partitions(3).replicas(2).retention(Duration.ofHours(24)).build();
    client.admin().createQueue("my-priority-queue", threefold).join();
    JobQueue<String> queue = client.queue("my-priority-queue", Codecs.text());
    queue.enqueue(job("low", 1)).join();
    queue.enqueue(job("high", 100)).join();
    Probe<Job<String>> consumer = Probe.of(queue.jobs(JobsOptions.DEFAULT));
    await(() -> consumer.count() == 2);
    assertThat(consumer.items()).extracting(Job::value).containsExactly("high", "low");
    consumer.items().forEach(job -> job.ack().join());
    consumer.cancel();
    assertThat(queue.reserve().join()).isEmpty();
  }

  @Test
  void theBackendIsHealthy() {
    assertThat(client.health().live().join()).isTrue();
    assertThat(client.health().ready().join()).isTrue();
  }

  @Test
  void errorsAreToldApartByTheirClass() {
    JobQueue<String> nowhere = client.queue("nowhere", Codecs.text());
    assertThat(error(nowhere.enqueue("v"))).isInstanceOf(NotFoundException.class).isInstanceOf(TributaryException.class);
    assertThatThrownBy(() -> client.queue("", Codecs.text())).isInstanceOf(InvalidRequestException.class);

    create("topic");
    assertThat(error(client.admin().createQueue("topic", QueueConfig.DEFAULT))).isInstanceOf(AlreadyExistsException.class);
    JobQueue<String> queue = client.queue("topic", Codecs.text());
    queue.enqueue("v").join();
    Job<String> job = queue.reserve().join().orElseThrow();
    time.advance(Duration.ofMinutes(1));
    assertThat(error(job.ack())).isInstanceOf(LeaseLostException.class);
  }

  /** A client of the backend, with whatever else it is told. */
  abstract Tributary connect(UnaryOperator<ClientConfig.Builder> more);

  private void create(String queue) {
    client.admin().createQueue(queue, QueueConfig.DEFAULT).join();
  }

  private static NewJob<String> job(String value, int priority) {
    return NewJob.builder(value).priority(priority).build();
  }

  final Throwable error(CompletableFuture<?> call) {
    Throwable failure = catchThrowable(() -> get(call));
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }

  final <R> R get(CompletableFuture<R> call) {
    await(call::isDone);
    return call.join();
  }

  /** Lets time pass until this holds; the class's time limit says when it never will. */
  private void await(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      time.advance(Duration.ofMillis(10));
      LockSupport.parkNanos(1_000_000);
    }
  }
}
