package dev.tributary.opentelemetry;

import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** One operation: a span, and what the metrics say of it at its end. */
final class SpanObservation implements Observation {
  private static final double NANOS = 1e9;

  private final OpenTelemetryInstrumentation telemetry;
  private final Operation operation;
  private final Attributes common;
  private final Span span;
  private final Context context;
  private final long began = System.nanoTime();

  SpanObservation(OpenTelemetryInstrumentation telemetry, Operation operation, Attributes common, Span span, Context parent) {
    this.telemetry = telemetry;
    this.operation = operation;
    this.common = common;
    this.span = span;
    this.context = parent.with(span);
  }

  @Override
  public Map<String, String> headers() {
    Map<String, String> headers = new HashMap<>();
    telemetry.propagator.inject(context, headers, (carrier, key, value) -> headers.put(key, value));
    return headers;
  }

  @Override
  public Scope makeCurrent() {
    return context.makeCurrent()::close;
  }

  @Override
  public void stored(String messageId, OptionalInt partition) {
    span.setAttribute(Conventions.MESSAGE_ID, messageId);
    partition.ifPresent(where -> span.setAttribute(Conventions.PARTITION_ID, Integer.toString(where)));
  }

  @Override
  public void end(@Nullable Throwable error) {
    Attributes attributes = common;
    String type = error == null ? null : error.getClass().getName();
    if (type != null) {
      attributes = common.toBuilder().put(Conventions.ERROR_TYPE, type).build();
      span.setAttribute(Conventions.ERROR_TYPE, type);
      span.setStatus(StatusCode.ERROR, error.getMessage() == null ? type : error.getMessage());
    }
    double seconds = (System.nanoTime() - began) / NANOS;
    switch (operation.kind()) {
      case PROCESS -> telemetry.processDuration.record(seconds, attributes, context);
      case SEND -> {
        telemetry.operationDuration.record(seconds, attributes, context);
        telemetry.sentMessages.add(operation.messages(), attributes, context);
      }
      // Begins and ends where messages are handed over, so its duration says nothing.
      case RECEIVE -> telemetry.consumedMessages.add(operation.messages(), attributes, context);
      case SETTLE, OTHER -> telemetry.operationDuration.record(seconds, attributes, context);
    }
    telemetry.backend(operation.backend()).ended(operation, seconds, type, context);
    span.end();
  }
}
