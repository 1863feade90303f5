package dev.tributary.vertx.internal.net;

import dev.tributary.spi.Steps;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call whose result is used on an event loop. What is completed there reaches whoever waits before anything else happens there, which
 * {@link Steps} cannot promise: its last step may be over before it is listened to. Cancelling it cancels the call.
 */
public final class OnLoop<S, T> extends Steps<T> {
  private static final Logger LOG = System.getLogger("dev.tributary.net");

  private OnLoop(CompletableFuture<S> call) {
    during(call);
  }

  /**
   * Runs this there, at once if that is where it is called.
   *
   * @return false if the loop has ended, as it does when its client is closed: then nothing is run
   */
  public static <A> boolean run(ContextInternal loop, A argument, Consumer<? super A> work) {
    try {
      loop.emit(argument, work::accept);
      return true;
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.DEBUG, "a step outlived its event loop", ended);
      return false;
    }
  }

  /** {@link #run}; if the loop has ended, the future fails as the calls of a closed client do. */
  public static <A> void run(ContextInternal loop, A argument, Consumer<? super A> work, CompletableFuture<?> promise) {
    if (!run(loop, argument, work)) {
      promise.completeExceptionally(Network.closedError(false));
    }
  }

  /** This, and then on this event loop what completes the future. Nothing is done if it is over by then. */
  public static <S, T> CompletableFuture<T> then(
      CompletableFuture<S> call, ContextInternal loop, BiConsumer<? super S, CompletableFuture<T>> work) {
    OnLoop<S, T> whole = new OnLoop<>(call);
    call.whenComplete(
        (value, error) -> {
          if (!run(loop, value, result -> whole.called(result, error, work))) {
            whole.completeExceptionally(Network.closedError(false));
          }
        });
    return whole;
  }

  private void called(S value, @Nullable Throwable error, BiConsumer<? super S, CompletableFuture<T>> work) {
    if (error != null) {
      completeExceptionally(Steps.unwrap(error));
    } else if (!isDone()) {
      guarded(() -> work.accept(value, this));
    }
  }
}
