package dev.tributary.internal;

import dev.tributary.Health;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.TimeoutException;
import dev.tributary.spi.Deadline;
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

  private CompletableFuture<Boolean> ask(String question, Function<Deadline, CompletableFuture<Boolean>> attempt) {
    return Derived.of(
        calls.call(question, null, Calls.Repeat.NEVER, attempt),
        well -> well,
        error -> {
          if (error instanceof ConnectionFailedException || error instanceof TimeoutException) {
            return false;
          }
          throw error;
        });
  }
}
