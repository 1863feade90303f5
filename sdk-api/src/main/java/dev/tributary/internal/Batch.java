package dev.tributary.internal;

import dev.tributary.Outcome;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Many items to send in order, in as many calls as the backend's limits ask for. One {@link Call} is made of it: each try goes on
 * where the one before stopped, so that what is stored is never sent again.
 */
public final class Batch<I, R> implements Function<Deadline, CompletableFuture<Void>> {
  private final List<I> items;
  private final ToIntFunction<? super I> bytes;
  private final Limits limits;
  private final boolean safe;
  private final BiFunction<List<I>, Deadline, CompletableFuture<List<Outcome<R>>>> send;
  // Tries do not overlap; explain() may be called while one runs, hence the lock.
  private final @Nullable Outcome<R>[] outcomes;
  private int firstOpen;
  private int sentUpTo;

  /**
   * These items.
   *
   * @param bytes the size of one
   * @param safe whether an item may be sent again after it may have been stored
   * @param send one call
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public Batch(
      List<I> items,
      ToIntFunction<? super I> bytes,
      Limits limits,
      boolean safe,
      BiFunction<List<I>, Deadline, CompletableFuture<List<Outcome<R>>>> send) {
    this.items = items;
    this.bytes = bytes;
    this.limits = limits;
    this.safe = safe;
    this.send = send;
    this.outcomes = new Outcome[items.size()];
  }

  /** A try: sends what is still open. */
  @Override
  public CompletableFuture<Void> apply(Deadline deadline) {
    Run run = new Run(deadline);
    run.go();
    return run;
  }

  /** The results, when all items have an outcome. Throws the error if none was stored, else {@code PartialFailureException}. */
  public synchronized List<R> results() {
    List<R> results = new ArrayList<>(outcomes.length);
    for (Outcome<R> outcome : outcomes) {
      if (outcome == null || !outcome.succeeded()) {
        throw failure();
      }
      results.add(outcome.orThrow());
    }
    return results;
  }

  /** What to tell the caller when this ended the tries: what was stored counts. */
  public synchronized TributaryException explain(TributaryException error) {
    TributaryException unsent =
        new ConnectionFailedException(
            ErrorInfo.of("not sent, because an earlier part of the batch failed", "Send it again").causedBy(error));
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = Outcome.failed(i < sentUpTo ? error : unsent);
      }
    }
    return stored() == 0 ? error : failure();
  }

  private long stored() {
    return Arrays.stream(outcomes).filter(outcome -> outcome != null && outcome.succeeded()).count();
  }

  private TributaryException failure() {
    List<Outcome<R>> all = Arrays.asList(outcomes);
    long stored = stored();
    TributaryException first =
        all.stream().filter(o -> !o.succeeded()).findFirst().map(Outcome::error).orElseThrow();
    if (stored == 0) {
      return first;
    }
    return new PartialFailureException(
        ErrorInfo.of(
                (all.size() - stored) + " of " + all.size() + " failed, the first with: " + first.getMessage(),
                "outcomes() tells which; send those again")
            .maybeApplied(true)
            .causedBy(first),
        all);
  }

  /** The next items without an outcome, as many as fit into one call. */
  private synchronized int[] nextChunk() {
    while (firstOpen < outcomes.length && outcomes[firstOpen] != null) {
      firstOpen++;
    }
    int[] chunk = new int[Math.min(outcomes.length - firstOpen, limits.maxBatch())];
    int count = 0;
    long size = 0;
    for (int i = firstOpen; i < outcomes.length && count < chunk.length; i++) {
      if (outcomes[i] != null) {
        continue;
      }
      size += bytes.applyAsInt(items.get(i));
      if (count > 0 && size > limits.maxBatchBytes()) {
        break;
      }
      chunk[count++] = i;
      sentUpTo = Math.max(sentUpTo, i + 1);
    }
    return Arrays.copyOf(chunk, count);
  }

  /** Takes the outcomes of a call; what can be tried again stays open. The first such error, if any. */
  private synchronized @Nullable TributaryException keep(int[] chunk, List<Outcome<R>> answers) {
    TributaryException again = null;
    for (int i = 0; i < chunk.length; i++) {
      Outcome<R> answer = answers.get(i);
      TributaryException error = answer.error();
      if (error != null && error.retryable() && (safe || !error.maybeApplied())) {
        again = again == null ? error : again;
      } else {
        outcomes[chunk[i]] = answer;
      }
    }
    return again;
  }

  /** One try: call after call until all is sent or one fails. */
  private final class Run extends Chain<Void> {
    private final Deadline deadline;

    Run(Deadline deadline) {
      this.deadline = deadline;
    }

    /** A loop and not a recursion: a transport may complete at once. */
    void go() {
      while (!isDone()) {
        int[] chunk = nextChunk();
        if (chunk.length == 0) {
          complete(null);
          return;
        }
        CompletableFuture<List<Outcome<R>>> answer;
        try {
          answer = underWay(send.apply(Arrays.stream(chunk).mapToObj(items::get).toList(), deadline));
        } catch (RuntimeException thrown) {
          completeExceptionally(thrown);
          return;
        }
        if (!answer.isDone()) {
          answer.whenComplete(
              (outcomes, error) -> {
                if (take(chunk, outcomes, error)) {
                  go();
                }
              });
          return;
        }
        boolean goOn = answer.handle((outcomes, error) -> take(chunk, outcomes, error)).join();
        if (!goOn) {
          return;
        }
      }
    }

    private boolean take(int[] chunk, List<Outcome<R>> answers, @Nullable Throwable error) {
      TributaryException failure = error == null ? null : Faults.of(error);
      try {
        failure = failure == null ? keep(chunk, answers) : failure;
      } catch (RuntimeException tooFewAnswers) {
        failure = Faults.of(tooFewAnswers);
      }
      if (failure != null) {
        completeExceptionally(failure);
      }
      return failure == null;
    }
  }
}
