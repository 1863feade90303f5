package dev.tributary.opentelemetry;

import dev.tributary.observe.Operation;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.LongUpDownCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/**
 * Metrics that carry the name of their backend, for those who know it by its own client. Their attributes take few values: the queue, the
 * verb, the type of an error.
 */
final class BackendMetrics {
  private static final double NANOS = 1e9;

  private final LongCounter enqueueRequests;
  private final DoubleHistogram enqueueDuration;
  private final LongCounter consumeRequests;
  private final DoubleHistogram consumeDuration;
  private final LongUpDownCounter activeConnections;
  private final LongCounter leaseExtensions;

  BackendMetrics(Meter meter, String backend) {
    enqueueRequests = counter(meter, backend + ".enqueue.requests", "{request}", "Calls that enqueue");
    enqueueDuration =
        OpenTelemetryInstrumentation.seconds(
            meter, backend + ".enqueue.duration", "How long calls that enqueue take, retries included", Conventions.SECONDS);
    consumeRequests =
        counter(meter, backend + ".consume.requests", "{request}", "Jobs handed to the application, and failed calls for jobs");
    consumeDuration =
        OpenTelemetryInstrumentation.seconds(
            meter,
            backend + ".consume.duration",
            "How long the application had a job, until it was settled",
            Conventions.SECONDS_OF_WORK);
    activeConnections =
        meter
            .upDownCounterBuilder(backend + ".connection.pool.active")
            .setUnit("{connection}")
            .setDescription("Open connections")
            .build();
    leaseExtensions = counter(meter, backend + ".lease.extensions", "{extension}", "Extensions of leases, automatic ones included");
  }

  private static LongCounter counter(Meter meter, String name, String unit, String what) {
    return meter.counterBuilder(name).setUnit(unit).setDescription(what).build();
  }

  /** An operation is over. What is not about jobs is not counted here. */
  void ended(Operation operation, double seconds, @Nullable String errorType, Context context) {
    switch (operation.name()) {
      case "enqueue" -> {
        Attributes attributes = attributes(operation, errorType).build();
        enqueueRequests.add(1, attributes, context);
        enqueueDuration.record(seconds, attributes, context);
      }
      case "receive" -> consumeRequests.add(Math.max(1, operation.messages()), attributes(operation, errorType).build(), context);
      case "ack", "nack", "reject" -> {
        if (operation.held() != null) {
          consumeDuration.record(
              operation.held().toNanos() / NANOS + seconds,
              attributes(operation, errorType).put(Conventions.OPERATION_NAME, operation.name()).build(),
              context);
        }
      }
      case "extend" -> leaseExtensions.add(1, attributes(operation, errorType).build(), context);
      default -> {}
    }
  }

  private static AttributesBuilder attributes(Operation operation, @Nullable String errorType) {
    return Attributes.builder()
        .put(Conventions.DESTINATION_NAME, operation.destination())
        .put(Conventions.ERROR_TYPE, errorType);
  }

  /** A connection is open, until what is returned is run. */
  Runnable connected(Attributes server) {
    activeConnections.add(1, server);
    return () -> activeConnections.add(-1, server);
  }
}
