package dev.tributary.vertx.internal.goqueue;

import dev.tributary.HealthReport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Health of a GoQueue server. */
final class GoQueueHealth implements HealthTransport {
  private final Api api;

  GoQueueHealth(Api api) {
    this.api = api;
  }

  @Override
  public CompletableFuture<Boolean> live(Deadline deadline) {
    return Steps.map(api.health("/livez", deadline), Messages.Health::passes);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return Steps.map(api.health("/readyz", deadline), Messages.Health::passes);
  }

  @Override
  public CompletableFuture<HealthReport> report(Deadline deadline) {
    return Steps.map(
        api.health("/readyz?verbose=true", deadline),
        health -> {
          Map<String, HealthReport.Check> checks = new HashMap<>();
          health.checks().forEach((name, check) -> checks.put(name, new HealthReport.Check(check.passes(), check.message(), check.latency())));
          return new HealthReport(health.passes(), checks);
        });
  }
}
