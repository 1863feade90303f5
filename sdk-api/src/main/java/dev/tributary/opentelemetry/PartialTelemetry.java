package dev.tributary.opentelemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.propagation.ContextPropagators;

/** Of an OpenTelemetry, its metrics or its tracing or both. */
record PartialTelemetry(OpenTelemetry whole, boolean metrics, boolean tracing) implements OpenTelemetry {
  @Override
  public MeterProvider getMeterProvider() {
    return metrics ? whole.getMeterProvider() : MeterProvider.noop();
  }

  @Override
  public TracerProvider getTracerProvider() {
    return tracing ? whole.getTracerProvider() : TracerProvider.noop();
  }

  @Override
  public ContextPropagators getPropagators() {
    return tracing ? whole.getPropagators() : ContextPropagators.noop();
  }
}
