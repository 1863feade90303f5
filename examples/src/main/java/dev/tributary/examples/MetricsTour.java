package dev.tributary.examples;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.examples.program.Program;
import dev.tributary.examples.program.Setting;
import dev.tributary.examples.program.Target;
import dev.tributary.examples.program.Waiting;
import dev.tributary.opentelemetry.OpenTelemetryInstrumentation;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ReserveOptions;
import io.opentelemetry.exporter.prometheus.PrometheusHttpServer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The metrics of a client where Prometheus finds them: a few jobs go through a queue, and what a scrape brings is printed. System
 * properties: {@code uri} (default {@code disheap:}, the embedded server), {@code port} of the scraped endpoint (default 9464).
 */
public final class MetricsTour {
  private static final String LOOPBACK = "127.0.0.1";

  private MetricsTour() {}

  /** Prints the scrape. */
  public static void main(String[] args) {
    Program.run(
        "sending a few jobs through a queue; then follows what Prometheus would scrape",
        () -> {
          int port = Setting.port(9464, 1);
          try (Target target = Target.of(Setting.text("uri", "disheap:"))) {
            System.out.print(run(target.uri(), port));
            return true;
          }
        });
  }

  /** Serves metrics on this port of the loopback interface while it works; what a scrape found at the end of the work. */
  public static String run(String uri, int port) throws IOException, InterruptedException {
    ClientConfig given = ClientConfig.parse(uri);
    PrometheusHttpServer prometheus = endpoint(port);
    try (OpenTelemetrySdk telemetry =
        OpenTelemetrySdk.builder().setMeterProvider(SdkMeterProvider.builder().registerMetricReader(prometheus).build()).build()) {
      ClientConfig config =
          given.toBuilder().instrumentation(OpenTelemetryInstrumentation.of(telemetry)).build();
      try (Tributary tributary = Tributary.connect(config)) {
        Waiting.forAnswer(tributary);
        work(tributary);
        return scrape(port);
      }
    }
  }

  private static PrometheusHttpServer endpoint(int port) {
    try {
      return PrometheusHttpServer.builder().setHost(LOOPBACK).setPort(port).build();
    } catch (UncheckedIOException taken) {
      throw new InvalidRequestException(
          ErrorInfo.of("cannot listen on port " + port + " of " + LOOPBACK, "Another process may have it: choose another by -Dport=…")
              .causedBy(taken));
    }
  }

  private static void work(Tributary tributary) {
    Set<Capability> can = tributary.capabilities();
    JobQueue<String> mails = tributary.queue("mails", Codecs.text());
    if (can.contains(Capability.CREATE_RESOURCES)) {
      tributary.admin().ensureQueue("mails", QueueConfig.DEFAULT).join();
    }
    mails.enqueue("welcome 1").join();
    mails.enqueueAll(List.of(NewJob.of("welcome 2"), NewJob.of("welcome 3"))).join();
    for (int i = 0; i < 3; i++) {
      Job<String> job = mails.reserve(ReserveOptions.maxWait(Duration.ofSeconds(5))).join().orElseThrow();
      if (can.contains(Capability.LEASE_EXTENSION)) {
        job.extend(Duration.ofMinutes(1)).join();
      }
      job.ack().join();
    }
  }

  private static String scrape(int port) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + port + "/metrics")).timeout(Duration.ofSeconds(30)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
