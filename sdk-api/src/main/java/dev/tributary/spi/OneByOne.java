package dev.tributary.spi;

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

/** Calls of which one is under way, each begun when the one before it is over; what none was sent for says so. */
final class OneByOne<Q, T> extends Steps<List<Outcome<T>>> {
  private final List<Q> questions;
  private final Function<? super Q, CompletableFuture<T>> call;
  private final List<Outcome<T>> outcomes;

  private OneByOne(List<Q> questions, Function<? super Q, CompletableFuture<T>> call) {
    this.questions = questions;
    this.call = call;
    this.outcomes = new ArrayList<>(questions.size());
  }

  static <Q, T> CompletableFuture<List<Outcome<T>>> of(List<Q> questions, Function<? super Q, CompletableFuture<T>> call) {
    OneByOne<Q, T> calls = new OneByOne<>(questions, call);
    calls.loop(calls::next, calls::answered);
    return calls;
  }

  private @Nullable CompletableFuture<T> next() {
    if (outcomes.size() < questions.size()) {
      return begin(call, questions.get(outcomes.size()));
    }
    complete(List.copyOf(outcomes));
    return null;
  }

  private void answered(@Nullable T value, @Nullable Throwable error) {
    if (error == null) {
      outcomes.add(Outcome.of(Objects.requireNonNull(value)));
    } else if (unwrap(error) instanceof TributaryException known) {
      failed(known);
    } else {
      completeExceptionally(unwrap(error));
    }
  }

  private void failed(TributaryException error) {
    if (outcomes.isEmpty() && error.retryable() && (!error.maybeApplied() || questions.size() == 1)) {
      // Nothing was stored before it and nothing is sent after it, so this is the truth about the whole batch.
      completeExceptionally(error);
      return;
    }
    outcomes.add(Outcome.failed(error));
    while (error.retryable() && outcomes.size() < questions.size()) {
      outcomes.add(
          Outcome.failed(
              new ConnectionFailedException(
                  ErrorInfo.of("not sent: one before it in the batch failed", "Send it again").causedBy(error))));
    }
  }
}
