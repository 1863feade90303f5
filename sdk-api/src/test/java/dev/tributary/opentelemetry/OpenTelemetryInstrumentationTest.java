package dev.tributary.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenTelemetryInstrumentationTest {
  private static final String STREAM = "acme/shop/orders";

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build())
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  private final OpenTelemetryInstrumentation instrumentation = OpenTelemetryInstrumentation.of(sdk);

  @AfterEach
  void close() {
    sdk.close();
  }

  @Test
  void aSendSaysWhatItIs() {
    instrumentation
        .start(new Operation(Operation.Kind.SEND, "publish", "flowmesh", STREAM, null, OptionalInt.of(3), 1, OptionalLong.of(42), "m-1", "p-1", null, List.of(), "[::1]:9090"))
        .end(null);
    SpanData span = span();
    assertThat(span.getName()).isEqualTo("publish acme/shop/orders");
    assertThat(span.getKind()).isEqualTo(SpanKind.PRODUCER);
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(span.getInstrumentationScopeInfo().getName()).isEqualTo("dev.tributary");
    assertThat(text(span.getAttributes()))
        .containsOnly(
            Map.entry("messaging.system", "flowmesh"),
            Map.entry("messaging.operation.name", "publish"),
            Map.entry("messaging.operation.type", "send"),
            Map.entry("messaging.destination.name", STREAM),
            Map.entry("messaging.destination.partition.id", "3"),
            Map.entry("messaging.message.id", "m-1"),
            Map.entry("messaging.message.body.size", "42"),
            Map.entry("tributary.producer.id", "p-1"),
            Map.entry("server.address", "::1"),
            Map.entry("server.port", "9090"));
  }

  @Test
  void aBatchSaysHowManyItIs() {
    instrumentation.start(operation(Operation.Kind.SEND, "publishAll", 20, List.of())).end(null);
    assertThat(text(span().getAttributes())).containsEntry("messaging.batch.message_count", "20").doesNotContainKey("messaging.message.body.size");
  }

  @Test
  void kindsFollowTheConventions() {
    Map<Operation.Kind, SpanKind> expected =
        Map.of(
            Operation.Kind.SEND, SpanKind.PRODUCER,
            Operation.Kind.RECEIVE, SpanKind.CONSUMER,
            Operation.Kind.PROCESS, SpanKind.CONSUMER,
            Operation.Kind.SETTLE, SpanKind.CLIENT,
            Operation.Kind.OTHER, SpanKind.CLIENT);
    expected.forEach(
        (kind, spanKind) -> {
          instrumentation.start(operation(kind, "x", 0, List.of())).end(null);
          assertThat(span().getKind()).isEqualTo(spanKind);
          spans.reset();
        });
  }

  @Test
  void withoutADestinationTheOperationIsTheName() {
    instrumentation.start(new Operation(Operation.Kind.OTHER, "live", "memory", null, null, OptionalInt.empty(), 0, OptionalLong.empty(), null, null, null, List.of(), null)).end(null);
    SpanData span = span();
    assertThat(span.getName()).isEqualTo("live");
    assertThat(text(span.getAttributes()))
        .containsOnly(Map.entry("messaging.system", "memory"), Map.entry("messaging.operation.name", "live"));
  }

  @Test
  void processingIsLinkedToSending() {
    Observation send = instrumentation.start(operation(Operation.Kind.SEND, "publish", 1, List.of()));
    Map<String, String> headers = send.headers();
    send.end(null);
    assertThat(headers).containsOnlyKeys("traceparent");
    SpanData sent = span();
    spans.reset();

    instrumentation.start(operation(Operation.Kind.PROCESS, "process", 1, List.of(headers, Map.of(), Map.of("traceparent", "junk")))).end(null);
    SpanData processed = span();
    assertThat(processed.getLinks()).extracting(LinkData::getSpanContext).extracting("spanId").containsExactly(sent.getSpanId());
    assertThat(processed.getLinks().get(0).getSpanContext().getTraceId()).isEqualTo(sent.getTraceId()).isNotEqualTo(processed.getTraceId());
    assertThat(processed.getParentSpanContext().isValid()).isFalse();
  }

  @Test
  void receivingIsLinkedToWhatItBrought() {
    Observation send = instrumentation.start(operation(Operation.Kind.SEND, "enqueue", 1, List.of()));
    Map<String, String> headers = send.headers();
    send.end(null);
    SpanData sent = span();
    spans.reset();

    Observation receive = instrumentation.start(operation(Operation.Kind.RECEIVE, "receive", 2, List.of(headers, Map.of())));
    receive.end(null);
    SpanData received = span();
    assertThat(received.getLinks()).extracting(link -> link.getSpanContext().getSpanId()).containsExactly(sent.getSpanId());
    assertThat(text(received.getAttributes())).containsEntry("messaging.batch.message_count", "2");
    assertThat(count("messaging.client.consumed.messages")).isEqualTo(2);
  }

  @Test
  void theHandlerRunsInItsSpan() {
    Observation process = instrumentation.start(operation(Operation.Kind.PROCESS, "process", 1, List.of()));
    Observation.Scope scope = process.makeCurrent();
    instrumentation.start(operation(Operation.Kind.SEND, "publish", 1, List.of())).end(null);
    scope.close();
    process.end(null);
    assertThat(Span.current().getSpanContext().isValid()).isFalse();
    List<SpanData> both = spans.getFinishedSpanItems();
    assertThat(both.get(0).getParentSpanId()).isEqualTo(both.get(1).getSpanId());
  }

  @Test
  void errorsAreTyped() {
    instrumentation
        .start(operation(Operation.Kind.SEND, "publish", 2, List.of()))
        .end(new NotFoundException(ErrorInfo.of("no such stream", "Create it")));
    SpanData span = span();
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span.getStatus().getDescription()).contains("no such stream");
    String type = "dev.tributary.error.NotFoundException";
    assertThat(text(span.getAttributes())).containsEntry("error.type", type);
    for (String metric : List.of("messaging.client.operation.duration", "messaging.client.sent.messages")) {
      assertThat(metric(metric).getData().getPoints()).allSatisfy(point -> assertThat(text(point.getAttributes())).containsEntry("error.type", type));
    }
  }

  @Test
  void anErrorWithoutAMessageHasItsType() {
    instrumentation.start(operation(Operation.Kind.OTHER, "get", 0, List.of())).end(new CancellationException());
    assertThat(span().getStatus().getDescription()).isEqualTo("java.util.concurrent.CancellationException");
  }

  @Test
  void metricsCountWhatTheConventionsSay() {
    instrumentation.start(operation(Operation.Kind.SEND, "publishAll", 5, List.of())).end(null);
    instrumentation.start(operation(Operation.Kind.RECEIVE, "subscribe", 3, List.of())).end(null);
    instrumentation.start(operation(Operation.Kind.PROCESS, "process", 1, List.of())).end(null);
    instrumentation.start(operation(Operation.Kind.SETTLE, "ack", 1, List.of())).end(null);
    instrumentation.start(operation(Operation.Kind.OTHER, "get", 0, List.of())).end(null);

    assertThat(count("messaging.client.sent.messages")).isEqualTo(5);
    assertThat(count("messaging.client.consumed.messages")).isEqualTo(3);
    assertThat(metric("messaging.client.sent.messages").getUnit()).isEqualTo("{message}");
    assertThat(durations("messaging.client.operation.duration")).extracting(p -> text(p.getAttributes()).get("messaging.operation.name"))
        .containsExactlyInAnyOrder("publishAll", "ack", "get");
    assertThat(durations("messaging.process.duration")).singleElement().satisfies(p -> assertThat(p.getBoundaries()).isEqualTo(Conventions.SECONDS));
    assertThat(metric("messaging.process.duration").getUnit()).isEqualTo("s");
  }

  @Test
  void connectionsAreCountedWhileTheyAreOpen() {
    Runnable first = instrumentation.connected("disheap", "[::1]:9090");
    Runnable second = instrumentation.connected("disheap", "[::1]:9090");
    instrumentation.connected("flowmesh", "node-1:50051");
    instrumentation.connected("goqueue", "node-1");
    instrumentation.connected("flymq", "[::1]");
    assertThat(connections("disheap.connection.pool.active")).isEqualTo(Map.of("::1:9090", 2L));
    assertThat(connections("flowmesh.connection.pool.active")).isEqualTo(Map.of("node-1:50051", 1L));
    assertThat(connections("goqueue.connection.pool.active")).isEqualTo(Map.of("node-1:null", 1L));
    assertThat(connections("flymq.connection.pool.active")).isEqualTo(Map.of("::1:null", 1L));
    first.run();
    second.run();
    assertThat(connections("disheap.connection.pool.active")).isEqualTo(Map.of("::1:9090", 0L));
  }

  private Map<String, Long> connections(String name) {
    return metric(name).getLongSumData().getPoints().stream()
        .collect(
            java.util.stream.Collectors.toMap(
                point -> text(point.getAttributes()).get("server.address") + ":" + text(point.getAttributes()).get("server.port"),
                LongPointData::getValue));
  }

  @Test
  void whatIsNotAboutJobsIsNotAmongTheBackendsMetrics() {
    instrumentation.start(operation(Operation.Kind.SEND, "publish", 1, List.of())).end(null);
    instrumentation.start(operation(Operation.Kind.RECEIVE, "subscribe", 1, List.of())).end(null);
    instrumentation.start(operation(Operation.Kind.SETTLE, "commit", 0, List.of())).end(null);
    instrumentation.start(operation(Operation.Kind.OTHER, "get", 0, List.of())).end(null);
    assertThat(metrics.collectAllMetrics()).extracting(MetricData::getName).isNotEmpty().noneMatch(name -> name.startsWith("flowmesh"));
  }

  private static Operation operation(Operation.Kind kind, String name, int messages, List<Map<String, String>> linked) {
    return new Operation(kind, name, "flowmesh", STREAM, "billing", OptionalInt.empty(), messages, OptionalLong.of(10), null, null, null, linked, null);
  }

  private SpanData span() {
    assertThat(spans.getFinishedSpanItems()).hasSize(1);
    return spans.getFinishedSpanItems().get(0);
  }

  private MetricData metric(String name) {
    return metrics.collectAllMetrics().stream().filter(m -> m.getName().equals(name)).findFirst().orElseThrow();
  }

  private long count(String name) {
    return metric(name).getLongSumData().getPoints().stream().mapToLong(LongPointData::getValue).sum();
  }

  private Collection<HistogramPointData> durations(String name) {
    return metric(name).getHistogramData().getPoints();
  }

  private static Map<String, String> text(Attributes attributes) {
    return attributes.asMap().entrySet().stream()
        .collect(java.util.stream.Collectors.toMap(e -> ((AttributeKey<?>) e.getKey()).getKey(), e -> e.getValue().toString()));
  }
}
