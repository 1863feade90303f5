package dev.tributary.opentelemetry;

import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Spans and metrics by OpenTelemetry's conventions for messaging.
 *
 * <p>Every operation is a span {@code OPERATION DESTINATION}. Sent messages carry the context of their span in their headers, as the
 * propagators of this OpenTelemetry write it; spans of received and processed messages are linked to it. The span of a handler is the
 * current one while the handler runs.
 *
 * <p>Metrics: {@code messaging.client.operation.duration}, {@code messaging.client.sent.messages},
 * {@code messaging.client.consumed.messages} and {@code messaging.process.duration}. And, named after the backend,
 * {@code disheap.enqueue.requests} for instance, which an exporter to Prometheus writes as {@code disheap_enqueue_requests_total}:
 *
 * <ul>
 *   <li>{@code enqueue.requests}, a counter: calls that enqueue, one for each list
 *   <li>{@code enqueue.duration}, a histogram in seconds: how long they took, retries included
 *   <li>{@code consume.requests}, a counter: jobs handed to the application, whether it asked for them or they were pushed, and calls for
 *       jobs that failed
 *   <li>{@code consume.duration}, a histogram in seconds: how long the application had a job, from the hand-over to the backend's answer to
 *       its ack, nack or rejection
 *   <li>{@code connection.pool.active}, an up-down counter: connections that are open
 *   <li>{@code lease.extensions}, a counter: extensions of leases, by the application and by automatic renewal
 * </ul>
 *
 * <p>They have the attributes {@code messaging.destination.name} and, for what failed, {@code error.type}; durations of consuming also
 * {@code messaging.operation.name}, which is {@code ack}, {@code nack} or {@code reject}; connections {@code server.address} and
 * {@code server.port} alone.
 */
@SuppressWarnings("exports") // whoever uses it has OpenTelemetry; whoever does not need not
public final class OpenTelemetryInstrumentation implements Instrumentation {
  private static final String SCOPE = "dev.tributary";

  final Tracer tracer;
  final TextMapPropagator propagator;
  final DoubleHistogram operationDuration;
  final DoubleHistogram processDuration;
  final LongCounter sentMessages;
  final LongCounter consumedMessages;
  private final Meter meter;
  private final Map<String, BackendMetrics> backends = new ConcurrentHashMap<>();

  private OpenTelemetryInstrumentation(OpenTelemetry telemetry) {
    tracer = telemetry.getTracer(SCOPE);
    propagator = telemetry.getPropagators().getTextMapPropagator();
    meter = telemetry.getMeter(SCOPE);
    operationDuration = seconds(meter, Conventions.OPERATION_DURATION, "How long calls to the backend take, retries included", Conventions.SECONDS);
    processDuration = seconds(meter, Conventions.PROCESS_DURATION, "How long handlers take", Conventions.SECONDS);
    sentMessages = messages(meter, Conventions.SENT_MESSAGES, "Messages given to the backend, well or not");
    consumedMessages = messages(meter, Conventions.CONSUMED_MESSAGES, "Messages handed to the application");
  }

  /** Spans and metrics that go where this one sends them. */
  public static OpenTelemetryInstrumentation of(OpenTelemetry telemetry) {
    return new OpenTelemetryInstrumentation(telemetry);
  }

  /**
   * Metrics, spans, or both, that go where the process's global OpenTelemetry sends them: set that up before. Without tracing, headers of
   * messages are left alone.
   */
  public static Instrumentation global(boolean metrics, boolean tracing) {
    return of(new PartialTelemetry(GlobalOpenTelemetry.get(), metrics, tracing));
  }

  @Override
  public Observation start(Operation operation) {
    Attributes common = common(operation);
    SpanBuilder span =
        tracer
            .spanBuilder(operation.destination() == null ? operation.name() : operation.name() + " " + operation.destination())
            .setSpanKind(kind(operation.kind()))
            .setAllAttributes(common);
    if (operation.messages() > 1) {
      span.setAttribute(Conventions.BATCH_COUNT, (long) operation.messages());
    }
    if (operation.messageId() != null) {
      span.setAttribute(Conventions.MESSAGE_ID, operation.messageId());
    }
    if (operation.producer() != null) {
      span.setAttribute(Conventions.PRODUCER_ID, operation.producer());
    }
    if (operation.bytes().isPresent() && operation.messages() == 1) {
      span.setAttribute(Conventions.BODY_SIZE, operation.bytes().getAsLong());
    }
    for (Map<String, String> headers : operation.linked()) {
      SpanContext creation = creation(headers);
      if (creation.isValid()) {
        span.addLink(creation);
      }
    }
    Context parent = Context.current();
    return new SpanObservation(this, operation, common, span.setParent(parent).startSpan(), parent);
  }

  @Override
  public Runnable connected(String backend, String server) {
    return backend(backend).connected(server(Attributes.builder(), server).build());
  }

  /** The metrics named after this backend. */
  BackendMetrics backend(String name) {
    return backends.computeIfAbsent(name, first -> new BackendMetrics(meter, first));
  }

  /** Where a message was created, as its headers say; invalid if they do not. */
  private SpanContext creation(Map<String, String> headers) {
    return Span.fromContext(propagator.extract(Context.root(), headers, HeaderGetter.INSTANCE)).getSpanContext();
  }

  /** What spans and metrics both say: only what takes few values. */
  private static Attributes common(Operation operation) {
    AttributesBuilder attributes =
        Attributes.builder()
            .put(Conventions.SYSTEM, operation.backend())
            .put(Conventions.OPERATION_NAME, operation.name())
            .put(Conventions.OPERATION_TYPE, type(operation.kind()))
            .put(Conventions.DESTINATION_NAME, operation.destination())
            .put(Conventions.CONSUMER_GROUP, operation.group());
    operation.partition().ifPresent(partition -> attributes.put(Conventions.PARTITION_ID, Integer.toString(partition)));
    return (operation.server() == null ? attributes : server(attributes, operation.server())).build();
  }

  private static AttributesBuilder server(AttributesBuilder attributes, String server) {
    int colon = server.lastIndexOf(':');
    // Else it is one of an address in brackets.
    boolean hasPort = colon > server.lastIndexOf(']');
    return attributes
        .put(Conventions.SERVER_ADDRESS, (hasPort ? server.substring(0, colon) : server).replaceAll("[\\[\\]]", ""))
        .put(Conventions.SERVER_PORT, hasPort ? Long.valueOf(server.substring(colon + 1)) : null);
  }

  private static SpanKind kind(Operation.Kind kind) {
    return switch (kind) {
      case SEND -> SpanKind.PRODUCER;
      case RECEIVE, PROCESS -> SpanKind.CONSUMER;
      case SETTLE, OTHER -> SpanKind.CLIENT;
    };
  }

  private static @Nullable String type(Operation.Kind kind) {
    return kind == Operation.Kind.OTHER ? null : kind.name().toLowerCase(Locale.ROOT);
  }

  static DoubleHistogram seconds(Meter meter, String name, String what, List<Double> boundaries) {
    return meter
        .histogramBuilder(name)
        .setUnit("s")
        .setDescription(what)
        .setExplicitBucketBoundariesAdvice(boundaries)
        .build();
  }

  private static LongCounter messages(Meter meter, String name, String what) {
    return meter.counterBuilder(name).setUnit("{message}").setDescription(what).build();
  }

  private enum HeaderGetter implements TextMapGetter<Map<String, String>> {
    INSTANCE;

    @Override
    public Iterable<String> keys(Map<String, String> headers) {
      return headers.keySet();
    }

    @Override
    public @Nullable String get(@Nullable Map<String, String> headers, String key) {
      return headers == null ? null : headers.get(key);
    }
  }
}
