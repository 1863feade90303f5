package dev.tributary.spi;

import dev.tributary.Outcome;
import dev.tributary.error.TributaryException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls of which all are under way at once. Whoever ends last counts down to zero, and makes the outcomes of them all. */
final class SideBySide<T> extends CompletableFuture<List<Outcome<T>>> implements BiConsumer<T, @Nullable Throwable> {
  private final List<CompletableFuture<T>> calls;
  private final boolean whole;
  private final AtomicInteger left;

  private SideBySide(List<CompletableFuture<T>> calls, boolean whole) {
    this.calls = calls;
    this.whole = whole;
    this.left = new AtomicInteger(calls.size());
  }

  static <T> CompletableFuture<List<Outcome<T>>> of(List<CompletableFuture<T>> calls, boolean whole) {
    if (calls.isEmpty()) {
      return completedFuture(List.of());
    }
    SideBySide<T> all = new SideBySide<>(calls, whole);
    for (CompletableFuture<T> call : calls) {
      call.whenComplete(all);
    }
    return all;
  }

  static <Q, T> CompletableFuture<List<Outcome<T>>> of(List<Q> questions, int most, Function<? super Q, CompletableFuture<T>> call) {
    List<CompletableFuture<T>> calls = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      Q question = questions.get(i);
      calls.add(i < most ? Steps.begin(call, question) : Steps.then(over(calls.get(i - most)), free -> call.apply(question)));
    }
    return of(calls, true);
  }

  /** Completes when this call has ended, however. */
  private static CompletableFuture<Boolean> over(CompletableFuture<?> call) {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    call.whenComplete((value, error) -> over.complete(true));
    return over;
  }

  @Override
  public void accept(T value, @Nullable Throwable error) {
    if (left.decrementAndGet() == 0 && !isDone()) {
      end();
    }
  }

  private void end() {
    try {
      List<Outcome<T>> outcomes = new ArrayList<>(calls.size());
      for (CompletableFuture<T> call : calls) {
        outcomes.add(outcome(call));
      }
      TributaryException refusal = whole ? refusal(outcomes) : null;
      if (refusal == null) {
        complete(Collections.unmodifiableList(outcomes));
      } else {
        completeExceptionally(refusal);
      }
    } catch (Throwable defect) {
      // Of a call that came to nothing, or to what is no error of ours: it must not leave this open.
      completeExceptionally(Steps.unwrap(defect));
    }
  }

  /** Why all of them failed, if they did and each may be tried again; one that may have been applied speaks for all. */
  private static <T> @Nullable TributaryException refusal(List<Outcome<T>> outcomes) {
    TributaryException why = null;
    for (Outcome<T> outcome : outcomes) {
      TributaryException error = outcome.error();
      if (error == null || !error.retryable()) {
        return null;
      }
      if (why == null || error.maybeApplied() && !why.maybeApplied()) {
        why = error;
      }
    }
    return why;
  }

  private static <T> Outcome<T> outcome(CompletableFuture<T> call) {
    try {
      return Outcome.of(call.join());
    } catch (RuntimeException failed) {
      if (Steps.unwrap(failed) instanceof TributaryException known) {
        return Outcome.failed(known);
      }
      throw failed;
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      calls.forEach(call -> call.cancel(mayInterrupt));
    }
    return cancelled;
  }
}
