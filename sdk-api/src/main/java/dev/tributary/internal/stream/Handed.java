package dev.tributary.internal.stream;

import dev.tributary.internal.Calls;
import dev.tributary.spi.Steps;
import java.util.concurrent.CompletableFuture;

/** What a step of the SDK ends with, for its user: on the callback executor. Cancelling it cancels the step. */
final class Handed<R> extends CompletableFuture<R> {
  private final CompletableFuture<R> step;

  private Handed(CompletableFuture<R> step) {
    this.step = step;
  }

  static <R> CompletableFuture<R> over(Calls calls, CompletableFuture<R> step) {
    Handed<R> handed = new Handed<>(step);
    step.whenComplete(
        (value, error) ->
            calls.callback(
                () -> {
                  if (error == null) {
                    handed.complete(value);
                  } else {
                    handed.completeExceptionally(Steps.unwrap(error));
                  }
                }));
    return handed;
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    step.cancel(mayInterrupt);
    return cancelled;
  }
}
