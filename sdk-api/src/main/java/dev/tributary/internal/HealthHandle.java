package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.Health;
import dev.tributary.HealthReport;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Steps;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Health, over the transport. Each question is asked once: the answer is how things are now. */
final class HealthHandle implements Health {
  private final Calls calls;

  HealthHandle(Calls calls) {
    this.calls = calls;
  }

  @Override
  public CompletableFuture<Boolean> live() {
    return ask("live", deadline -> calls.transport().health().live(deadline));
  }

  @Override
  public CompletableFuture<Boolean> ready() {
    return ask("ready", deadline -> calls.transport().health().ready(deadline));
  }

  @Override
  public CompletableFuture<HealthReport> report() {
    HealthTransport health = calls.transport().health();
    if (calls.transport().capabilities().contains(Capability.HEALTH_CHECKS)) {
      return ask("health report", health::report, report -> report, HealthHandle::unreachable);
    }
    return ask("health report", health::ready, ready -> new HealthReport(ready, Map.of()), HealthHandle::unreachable);
  }

  private static HealthReport unreachable(TributaryException why) {
    return new HealthReport(false, Map.of("connection", new HealthReport.Check(false, why.getMessage(), null)));
  }

  private CompletableFuture<Boolean> ask(String question, Function<Deadline, CompletableFuture<Boolean>> attempt) {
    return ask(question, attempt, well -> well, unreachable -> false);
  }

  private <A, R> CompletableFuture<R> ask(
      String question,
      Function<Deadline, CompletableFuture<A>> attempt,
      Function<A, R> answer,
      Function<TributaryException, R> unreachable) {
    return Steps.map(
        calls.call(question, null, Calls.Repeat.NEVER, attempt),
        answer,
        error -> {
          if (error instanceof ConnectionFailedException || error instanceof DeadlineExceededException) {
            return unreachable.apply(error);
          }
          throw error;
        });
  }
}
