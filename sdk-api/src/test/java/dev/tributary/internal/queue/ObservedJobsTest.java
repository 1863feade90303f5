package dev.tributary.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Outcome;
import dev.tributary.Tributary;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.opentelemetry.OpenTelemetryInstrumentation;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From the calls of a user to the metrics that carry the backend's name, and to the spans. */
class ObservedJobsTest {
  private static final String QUEUE = "messaging.destination.name=default/default/q";
  private static final String LOST = "error.type=" + LeaseLostException.class.getName();
  private static final String DENIED = "error.type=" + PermissionDeniedException.class.getName();

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build())
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
          .build();
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);

  @AfterEach
  void close() {
    sdk.close();
  }

  private ClientConfig.Builder config() {
    return transport.config().instrumentation(OpenTelemetryInstrumentation.of(sdk));
  }

  private Tributary client() {
    return transport.client(config().build());
  }

  private JobQueue<String> queue() {
    return client().queue("q", Codecs.text());
  }

  private static PermissionDeniedException denied() {
    return new PermissionDeniedException(ErrorInfo.of("no", ""));
  }

  @Test
  void callsThatEnqueueAreCountedAndTimed() {
    queue().enqueue("a").join();
    queue().enqueueAll(List.of(NewJob.of("b"), NewJob.of("c"))).join();
    queue().enqueueAtomically(List.of(NewJob.of("d"), NewJob.of("e"))).join();
    backend.nextEnqueues.add(jobs -> CompletableFuture.failedFuture(denied()));
    assertThat(queue().enqueue("f")).isCompletedExceptionally();
    assertThat(counts("fake.enqueue.requests")).isEqualTo(Map.of(QUEUE, 3L, DENIED + " " + QUEUE, 1L));
    assertThat(durations("fake.enqueue.duration")).isEqualTo(Map.of(QUEUE, 3L, DENIED + " " + QUEUE, 1L));
    assertThat(metric("fake.enqueue.duration").getUnit()).isEqualTo("s");
  }

  @Test
  void theSpanOfAnEnqueueNamesTheJobItsPartitionAndItsProducer() {
    transport.capabilities.add(Capability.PRODUCER_SEQUENCES);
    backend.nextEnqueues.add(
        jobs -> CompletableFuture.completedFuture(List.of(Outcome.of(new EnqueueResult("id-1", OptionalLong.empty(), false, 3)))));
    transport.client(config().configureIdempotency("shop", 7).build()).queue("q", Codecs.text()).enqueue("a").join();
    assertThat(span("enqueue"))
        .containsEntry("messaging.destination.name", "default/default/q")
        .containsEntry("messaging.message.id", "id-1")
        .containsEntry("messaging.destination.partition.id", "3")
        .containsEntry("tributary.producer.id", "shop");
  }

  @Test
  void theSpanOfAListNamesAProducerOnlyIfAllHaveTheSame() {
    transport.capabilities.add(Capability.PRODUCER_SEQUENCES);
    NewJob<String> other = NewJob.builder("b").producerSequence(new ProducerSequence("other", 1, 1)).build();
    JobQueue<String> queue = transport.client(config().configureIdempotency("shop", 7).build()).queue("q", Codecs.text());
    queue.enqueueAll(List.of(NewJob.of("a"), NewJob.of("b"))).join();
    assertThat(span("enqueue")).containsEntry("tributary.producer.id", "shop").containsEntry("messaging.batch.message_count", "2");
    spans.reset();
    queue.enqueueAll(List.of(NewJob.of("a"), other, NewJob.of("c"))).join();
    assertThat(span("enqueue")).doesNotContainKey("tributary.producer.id");
  }

  @Test
  void jobsAreCountedWhenTheApplicationHasThemAndTimedUntilTheyAreSettled() {
    backend.add(4);
    List<Job<String>> jobs = queue().receive(4).join();
    assertThat(counts("fake.consume.requests")).isEqualTo(Map.of(QUEUE, 4L));
    transport.time.advance(Duration.ofMinutes(7));
    jobs.get(0).ack().join();
    jobs.get(1).nack().join();
    jobs.get(2).reject("never").join();
    backend.nextSettles.add(
        settlements -> CompletableFuture.completedFuture(List.of(Outcome.failed(new LeaseLostException(ErrorInfo.of("gone", ""))))));
    assertThat(jobs.get(3).ack()).isCompletedExceptionally();
    assertThat(durations("fake.consume.duration"))
        .isEqualTo(
            Map.of(
                QUEUE + " messaging.operation.name=ack", 1L,
                QUEUE + " messaging.operation.name=nack", 1L,
                QUEUE + " messaging.operation.name=reject", 1L,
                LOST + " " + QUEUE + " messaging.operation.name=ack", 1L));
    assertThat(metric("fake.consume.duration").getHistogramData().getPoints())
        .allSatisfy(
            point -> {
              assertThat(point.getSum()).as("since the hand-over").isGreaterThanOrEqualTo(7 * 60);
              assertThat(point.getBoundaries()).as("beyond what a call takes").anyMatch(bound -> bound > 7 * 60);
            });
    assertThat(metric("fake.consume.duration").getUnit()).isEqualTo("s");
  }

  @Test
  void theSpansOfAJobNameItItsPartitionAndItsProducer() {
    backend.nextReceives.add(
        () ->
            CompletableFuture.completedFuture(
                List.of(
                    new LeasedJob(
                        "id-1",
                        "r",
                        "a".getBytes(StandardCharsets.UTF_8),
                        Map.of(),
                        1,
                        OptionalInt.empty(),
                        0,
                        null,
                        Deadline.after(transport.time, Duration.ZERO),
                        OptionalLong.empty(),
                        3,
                        new ProducerSequence("shop", 7, 1)))));
    Job<String> job = queue().reserve().join().orElseThrow();
    job.extend(Duration.ofSeconds(10)).join();
    job.ack().join();
    for (String operation : List.of("receive", "extend", "ack")) {
      assertThat(span(operation))
          .as(operation)
          .containsEntry("messaging.destination.name", "default/default/q")
          .containsEntry("messaging.message.id", "id-1")
          .containsEntry("messaging.destination.partition.id", "3")
          .containsEntry("tributary.producer.id", "shop");
    }
  }

  @Test
  void whereQueuesHaveNoPartitionsNoneIsNamed() {
    transport.capabilities.remove(Capability.JOB_PARTITIONS);
    backend.add(1);
    queue().enqueue("a").join();
    queue().reserve().join().orElseThrow().ack().join();
    assertThat(spans.getFinishedSpanItems()).hasSize(3).allSatisfy(
        span -> assertThat(text(span.getAttributes())).doesNotContainKey("messaging.destination.partition.id"));
  }

  @Test
  void jobsOfAWorkerAreCountedAndTimedToo() {
    backend.add(3);
    CompletableFuture<Void> slow = new CompletableFuture<>();
    queue().worker(WorkerOptions.concurrency(1), job -> job.id().equals("job-2") ? slow : CompletableFuture.completedFuture(null));
    transport.time.advance(Duration.ofSeconds(7));
    assertThat(counts("fake.consume.requests")).isEqualTo(Map.of(QUEUE, 3L));
    assertThat(durations("fake.consume.duration")).isEqualTo(Map.of(QUEUE + " messaging.operation.name=ack", 2L));
    slow.completeExceptionally(new IllegalStateException("failed"));
    assertThat(durations("fake.consume.duration"))
        .isEqualTo(Map.of(QUEUE + " messaging.operation.name=ack", 2L, QUEUE + " messaging.operation.name=nack", 1L));
  }

  @Test
  void whatNeverReachedAHandlerWasNotConsumed() {
    backend.add(1);
    Queue<Runnable> parked = new ArrayDeque<>();
    Worker worker =
        queue().worker(WorkerOptions.builder().executor(parked::add).build(), job -> CompletableFuture.completedFuture(null));
    CompletableFuture<Void> closed = worker.closeAsync();
    parked.remove().run();
    assertThat(closed).isCompleted();
    assertThat(backend.settled(Settlement.Kind.RELEASE)).hasSize(1);
    assertThat(names()).doesNotContain("fake.consume.requests", "fake.consume.duration");
  }

  @Test
  void whatCannotBeDecodedWasNotConsumed() {
    Codec<String> picky =
        new Codec<>() {
          @Override
          public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
          }

          @Override
          public String decode(byte[] bytes) {
            throw InvalidRequestException.of("not for me", "");
          }
        };
    backend.add(2);
    assertThat(client().queue("q", picky).receive(2).join()).isEmpty();
    assertThat(names()).doesNotContain("fake.consume.requests", "fake.consume.duration");
  }

  @Test
  void callsForJobsThatFailAreCounted() {
    backend.nextReceives.add(() -> CompletableFuture.failedFuture(denied()));
    assertThat(queue().reserve()).isCompletedExceptionally();
    assertThat(counts("fake.consume.requests")).isEqualTo(Map.of(DENIED + " " + QUEUE, 1L));
    assertThat(span("receive")).containsEntry("error.type", PermissionDeniedException.class.getName());
  }

  @Test
  void callsForJobsThatFindNoneAreCancelledOrEndWithTheClientAreNotCounted() {
    Tributary client = client();
    assertThat(client.queue("q").reserve().join()).isEmpty();
    ReserveOptions waiting = ReserveOptions.maxWait(Duration.ofMinutes(1));
    client.queue("q").reserve(waiting).cancel(true);
    CompletableFuture<?> open = client.queue("q").reserve(waiting);
    client.close();
    assertThat(open).isCompletedExceptionally();
    assertThat(names()).isEmpty();
    assertThat(spans.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void extensionsAreCountedWhoeverMakesThem() {
    backend.add(2);
    Job<String> job = queue().reserve().join().orElseThrow();
    job.extend(Duration.ofSeconds(10)).join();
    assertThat(counts("fake.lease.extensions")).isEqualTo(Map.of(QUEUE, 1L));
    queue()
        .worker(WorkerOptions.builder().lease(Duration.ofSeconds(30)).build(), handled -> new CompletableFuture<>());
    transport.time.advance(Duration.ofSeconds(41));
    assertThat(counts("fake.lease.extensions")).as("after 20 s and 40 s").isEqualTo(Map.of(QUEUE, 3L));
    backend.nextSettles.add(settlements -> CompletableFuture.completedFuture(List.of(Outcome.failed(denied()))));
    assertThat(job.extend(Duration.ofSeconds(10))).isCompletedExceptionally();
    assertThat(counts("fake.lease.extensions")).isEqualTo(Map.of(QUEUE, 3L, DENIED + " " + QUEUE, 1L));
  }

  private Stream<MetricData> all() {
    return metrics.collectAllMetrics().stream().filter(metric -> metric.getName().startsWith("fake."));
  }

  private List<String> names() {
    return all().map(MetricData::getName).toList();
  }

  private MetricData metric(String name) {
    return all().filter(metric -> metric.getName().equals(name)).findFirst().orElseThrow();
  }

  /** What a counter says, by its attributes. */
  private Map<String, Long> counts(String name) {
    return metric(name).getLongSumData().getPoints().stream()
        .collect(Collectors.toMap(point -> line(point.getAttributes()), LongPointData::getValue));
  }

  /** How many durations there were, by their attributes. */
  private Map<String, Long> durations(String name) {
    return metric(name).getHistogramData().getPoints().stream()
        .collect(Collectors.toMap(point -> line(point.getAttributes()), HistogramPointData::getCount));
  }

  private Map<String, String> span(String operation) {
    List<SpanData> found = spans.getFinishedSpanItems().stream().filter(span -> span.getName().startsWith(operation + " ")).toList();
    assertThat(found).hasSize(1);
    return text(found.get(0).getAttributes());
  }

  private static String line(Attributes attributes) {
    return text(attributes).entrySet().stream().map(Map.Entry::toString).sorted().collect(Collectors.joining(" "));
  }

  private static Map<String, String> text(Attributes attributes) {
    return attributes.asMap().entrySet().stream()
        .collect(Collectors.toMap(entry -> ((AttributeKey<?>) entry.getKey()).getKey(), entry -> entry.getValue().toString()));
  }
}
