package dev.tributary.vertx.internal.net;

import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A call whose result is used on an event loop. What is completed there reaches whoever waits before anything else happens there, which
 * {@link Steps} cannot promise: its last step may be over before it is listened to. Cancelling it cancels the call.
 */
public final class OnLoop<S, T> extends CompletableFuture<T> {
  private final CompletableFuture<S> call;

  private OnLoop(CompletableFuture<S> call) {
    this.call = call;
  }

  /** This, and then on this event loop what completes the future. Nothing is done if it is over by then. */
  public static <S, T> CompletableFuture<T> then(
      CompletableFuture<S> call, ContextInternal loop, BiConsumer<? super S, CompletableFuture<T>> work) {
    OnLoop<S, T> whole = new OnLoop<>(call);
    call.whenComplete((value, error) -> loop.emit(value, result -> whole.called(result, error, work)));
    return whole;
  }

  private void called(S value, @Nullable Throwable error, BiConsumer<? super S, CompletableFuture<T>> work) {
    if (error != null) {
      completeExceptionally(Steps.unwrap(error));
    } else if (!isDone()) {
      work.accept(value, this);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      call.cancel(mayInterrupt);
    }
    return cancelled;
  }
}
