package dev.tributary.internal;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Several calls, one after another, as one: cancelling it cancels the one that is under way. */
public class Chain<R> extends CompletableFuture<R> {
  private volatile @Nullable CompletableFuture<?> current;

  /** Goes on with this when the call succeeds; fails when it fails. */
  public final <S> void then(CompletableFuture<S> call, Consumer<? super S> next) {
    underWay(call)
        .whenComplete(
            (value, error) -> {
              if (error != null) {
                completeExceptionally(error);
                return;
              }
              try {
                next.accept(value);
              } catch (Throwable thrown) {
                completeExceptionally(thrown);
              }
            });
  }

  /** Ends as this call ends. */
  public final void end(CompletableFuture<R> call) {
    then(call, this::complete);
  }

  /** From now on this is the call that is under way. */
  protected final <S> CompletableFuture<S> underWay(CompletableFuture<S> call) {
    current = call;
    if (isDone()) {
      call.cancel(true);
    }
    return call;
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    CompletableFuture<?> call = current;
    if (call != null) {
      call.cancel(mayInterrupt);
    }
    return cancelled;
  }
}
