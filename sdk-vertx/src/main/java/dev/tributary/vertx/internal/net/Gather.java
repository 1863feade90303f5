package dev.tributary.vertx.internal.net;

import dev.tributary.Outcome;
import dev.tributary.error.TributaryException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Calls side by side as one: an outcome for each, in order. Cancelling it cancels those still under way. */
public final class Gather<T> extends CompletableFuture<List<Outcome<T>>> {
  private final List<CompletableFuture<T>> calls;
  private final boolean whole;

  private Gather(List<CompletableFuture<T>> calls, boolean whole) {
    this.calls = calls;
    this.whole = whole;
  }

  /**
   * The outcomes of these calls. If all of them failed and may be tried again, so does this, that the client above can try again.
   */
  public static <T> CompletableFuture<List<Outcome<T>>> of(List<CompletableFuture<T>> calls) {
    return begun(new Gather<>(calls, true));
  }

  /** The outcomes of these calls, each its own whatever the others': for what is tried again one by one. */
  public static <T> CompletableFuture<List<Outcome<T>>> each(List<CompletableFuture<T>> calls) {
    return begun(new Gather<>(calls, false));
  }

  private static <T> CompletableFuture<List<Outcome<T>>> begun(Gather<T> gather) {
    List<CompletableFuture<T>> calls = gather.calls;
    if (calls.isEmpty()) {
      gather.complete(List.of());
    }
    AtomicInteger left = new AtomicInteger(calls.size());
    for (CompletableFuture<T> call : calls) {
      call.whenComplete(
          (value, error) -> {
            if (left.decrementAndGet() == 0) {
              gather.finish();
            }
          });
    }
    return gather;
  }

  /** The outcomes of this call for each question, as many at a time as {@code most}. */
  public static <Q, T> CompletableFuture<List<Outcome<T>>> of(List<Q> questions, int most, Function<? super Q, CompletableFuture<T>> call) {
    List<CompletableFuture<T>> calls = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      Q question = questions.get(i);
      calls.add(i < most ? call.apply(question) : Steps.then(over(calls.get(i - most)), free -> call.apply(question)));
    }
    return of(calls);
  }

  /** Completes when this call has ended, however. */
  private static CompletableFuture<Boolean> over(CompletableFuture<?> call) {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    call.whenComplete((value, error) -> over.complete(true));
    return over;
  }

  private void finish() {
    if (isDone()) {
      return;
    }
    try {
      end();
    } catch (Throwable defect) {
      // Of a call that came to nothing, or to what is no error of ours: it must not leave this open.
      completeExceptionally(defect);
    }
  }

  private void end() {
    List<Outcome<T>> outcomes = new ArrayList<>(calls.size());
    for (CompletableFuture<T> call : calls) {
      outcomes.add(outcome(call));
    }
    TributaryException first = whole ? outcomes.get(0).error() : null;
    if (first != null && outcomes.stream().allMatch(o -> o.error() != null && o.error().retryable())) {
      // One that may have been applied speaks for all.
      completeExceptionally(outcomes.stream().map(Outcome::error).filter(e -> e != null && e.maybeApplied()).findFirst().orElse(first));
    } else {
      complete(outcomes);
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
