package dev.tributary.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The switches {@code metrics} and {@code tracing}. */
class GlobalOpenTelemetryTest {
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();

  @BeforeEach
  void open() {
    GlobalOpenTelemetry.resetForTest();
  }

  @AfterEach
  void close() {
    GlobalOpenTelemetry.resetForTest();
  }

  @Test
  void nothingIsWatchedByDefault() {
    assertThat(ClientConfig.parse("memory:").instrumentation()).isSameAs(Instrumentation.NONE);
    assertThat(ClientConfig.parse("memory:?metrics=false&tracing=false").instrumentation()).isSameAs(Instrumentation.NONE);
  }

  @Test
  void metricsAlone() {
    assertThat(publish("memory:?metrics=true")).isEmpty();
    assertThat(metrics.collectAllMetrics()).isNotEmpty();
    assertThat(spans.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void tracingAlone() {
    assertThat(publish("memory:?tracing=true")).containsKey("traceparent");
    assertThat(metrics.collectAllMetrics()).isEmpty();
    assertThat(spans.getFinishedSpanItems()).hasSize(1);
  }

  @Test
  void both() {
    assertThat(publish("memory:?tracing=true&metrics=true")).containsKey("traceparent");
    assertThat(metrics.collectAllMetrics()).isNotEmpty();
    assertThat(spans.getFinishedSpanItems()).hasSize(1);
  }

  @Test
  void whatAClientIsGivenWins() {
    Instrumentation given = operation -> Observation.NONE;
    assertThat(ClientConfig.parse("memory:?metrics=true").toBuilder().instrumentation(given).build().instrumentation()).isSameAs(given);
    assertThat(ClientConfig.builder("memory").instrumentation(Instrumentation.NONE).tracing(true).build().instrumentation())
        .isSameAs(Instrumentation.NONE);
  }

  @Test
  void isMadeOnce() {
    ClientConfig config = ClientConfig.parse("memory:?metrics=true");
    assertThat(config.instrumentation()).isSameAs(config.instrumentation());
    assertThat(config.toBuilder().metrics(false).build().instrumentation()).isSameAs(Instrumentation.NONE);
  }

  @Test
  void readingAConfigurationLeavesTheGlobalOneAlone() {
    ClientConfig.parse("memory:?metrics=true&tracing=true");
    setUp();
    assertThat(spans.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void theLibraryMustBeThere() throws Exception {
    URL api = ClientConfig.class.getProtectionDomain().getCodeSource().getLocation();
    URL jspecify = org.jspecify.annotations.Nullable.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader bare = new URLClassLoader(new URL[] {api, jspecify}, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = bare.loadClass(ClientConfig.class.getName());
      Object config = type.getMethod("parse", String.class).invoke(null, "memory:?metrics=true");
      assertThatThrownBy(() -> type.getMethod("instrumentation").invoke(config))
          .cause()
          .hasToString(InvalidRequestException.class.getName() + ": " + "metrics and tracing are those of OpenTelemetry, which is not there. "
              + "Add io.opentelemetry:opentelemetry-api and an SDK, or leave metrics and tracing off");
    }
  }

  /** Sends one message under the OpenTelemetry that is set up between reading the configuration and using it; its headers. */
  private Map<String, String> publish(String uri) {
    ClientConfig config = ClientConfig.parse(uri);
    setUp();
    Observation observation =
        config
            .instrumentation()
            .start(new Operation(Operation.Kind.SEND, "publish", "memory", "s", null, OptionalInt.of(0), 1, OptionalLong.of(1), null, null, null, List.of(), null));
    observation.end(null);
    return observation.headers();
  }

  private void setUp() {
    OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build())
        .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .buildAndRegisterGlobal();
  }
}
