package dev.tributary.vertx.internal.net;

import dev.tributary.Outcome;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls one after the other as one, where side by side they would be stored in any order: an outcome for each. After one that may be tried
 * again the rest is not sent, that none overtakes it. Cancelling it cancels the one under way.
 */
public final class InOrder<Q, T> extends CompletableFuture<List<Outcome<T>>> {
  private final List<Q> questions;
  private final Function<? super Q, CompletableFuture<T>> call;
  private final List<Outcome<T>> outcomes;
  private volatile @Nullable CompletableFuture<T> current;

  private InOrder(List<Q> questions, Function<? super Q, CompletableFuture<T>> call) {
    this.questions = questions;
    this.call = call;
    this.outcomes = new ArrayList<>(questions.size());
  }

  /** The outcomes of this call for each question. If the first may be tried again, and nothing of it was applied, it fails as that does. */
  public static <Q, T> CompletableFuture<List<Outcome<T>>> of(List<Q> questions, Function<? super Q, CompletableFuture<T>> call) {
    InOrder<Q, T> calls = new InOrder<>(questions, call);
    calls.next();
    return calls;
  }

  private void next() {
    // A call that is over at once is not waited for in a deeper frame.
    while (!isDone()) {
      if (outcomes.size() == questions.size()) {
        complete(List.copyOf(outcomes));
        return;
      }
      CompletableFuture<T> running = call.apply(questions.get(outcomes.size()));
      current = running;
      if (isCancelled()) {
        running.cancel(true);
      }
      if (!running.isDone()) {
        running.whenComplete(
            (value, error) -> {
              if (ended(value, error)) {
                next();
              }
            });
        return;
      }
      T value = null;
      Throwable error = null;
      try {
        value = running.join();
      } catch (RuntimeException failed) {
        error = failed;
      }
      if (!ended(value, error)) {
        return;
      }
    }
  }

  /** Whether to go on with the next. */
  private boolean ended(@Nullable T value, @Nullable Throwable error) {
    if (error == null) {
      outcomes.add(Outcome.of(Objects.requireNonNull(value)));
      return true;
    }
    if (!(Steps.unwrap(error) instanceof TributaryException known)) {
      completeExceptionally(Steps.unwrap(error));
      return false;
    }
    if (outcomes.isEmpty() && known.retryable() && (!known.maybeApplied() || questions.size() == 1)) {
      // Nothing was stored before it and nothing is sent after it, so this is the truth about the whole batch.
      completeExceptionally(known);
      return false;
    }
    outcomes.add(Outcome.failed(known));
    if (known.retryable()) {
      while (outcomes.size() < questions.size()) {
        outcomes.add(
            Outcome.failed(
                new ConnectionFailedException(
                    ErrorInfo.of("not sent: one before it in the batch failed", "Send it again").causedBy(known))));
      }
    }
    return true;
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    CompletableFuture<T> running = current;
    if (cancelled && running != null) {
      running.cancel(mayInterrupt);
    }
    return cancelled;
  }
}
