package dev.tributary.spi;

import dev.tributary.Outcome;
import dev.tributary.error.TributaryException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Calls of which all are under way at once. Whoever ends last counts down to zero, and makes the outcomes of them all. */
final class SideBySide<T> extends CompletableFuture<List<Outcome<T>>> {
  private final List<CompletableFuture<T>> calls;
  private final boolean whole;

  private SideBySide(List<CompletableFuture<T>> calls, boolean whole) {
    this.calls = calls;
    this.whole = whole;
  }

  static <T> CompletableFuture<List<Outcome<T>>> of(List<CompletableFuture<T>> calls, boolean whole) {
    if (calls.isEmpty()) {
      return completedFuture(List.of());
    }
    SideBySide<T> all = new SideBySide<>(calls, whole);
    AtomicInteger left = new AtomicInteger(calls.size());
    for (CompletableFuture<T> call : calls) {
      call.whenComplete(
          (value, error) -> {
            if (left.decrementAndGet() == 0 && !all.isDone()) {
              all.end();
            }
          });
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

  private void end() {
    try {
      List<Outcome<T>> outcomes = calls.stream().map(SideBySide::outcome).toList();
      TributaryException first = whole ? outcomes.get(0).error() : null;
      if (first != null && outcomes.stream().allMatch(o -> o.error() != null && o.error().retryable())) {
        // One that may have been applied speaks for all.
        completeExceptionally(outcomes.stream().map(Outcome::error).filter(e -> e != null && e.maybeApplied()).findFirst().orElse(first));
      } else {
        complete(outcomes);
      }
    } catch (Throwable defect) {
      // Of a call that came to nothing, or to what is no error of ours: it must not leave this open.
      completeExceptionally(Steps.unwrap(defect));
    }
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
