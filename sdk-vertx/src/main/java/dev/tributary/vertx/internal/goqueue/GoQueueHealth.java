package dev.tributary.vertx.internal.goqueue;

import dev.tributary.HealthReport;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.wire.Answer;
import dev.tributary.vertx.internal.net.Steps;
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
    return Steps.map(api.getEvenIfUnwell("/livez", deadline), GoQueueHealth::passes);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return Steps.map(api.getEvenIfUnwell("/readyz", deadline), GoQueueHealth::passes);
  }

  @Override
  public CompletableFuture<HealthReport> report(Deadline deadline) {
    return Steps.map(
        api.getEvenIfUnwell("/readyz?verbose=true", deadline),
        answer -> {
          Map<String, HealthReport.Check> checks = new HashMap<>();
          if (answer.has("checks")) {
            Answer all = answer.object("checks");
            all.names().forEach(name -> checks.put(name, check(all.object(name))));
          }
          return new HealthReport(passes(answer), checks);
        });
  }

  private static boolean passes(Answer answer) {
    return answer.text("status").equals("pass");
  }

  private static HealthReport.Check check(Answer answer) {
    return new HealthReport.Check(
        passes(answer), answer.text("message", ""), answer.has("latency") ? answer.duration("latency") : null);
  }
}
