package dev.tributary.internal;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.TributaryException;
import dev.tributary.observe.Observation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Limits;
import dev.tributary.spi.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A list to send in order, in as many calls as the backend's limits ask for, one after another. To its user it is one {@link Call}
 * with one deadline: each try goes on where the one before stopped, so that what is stored is never sent again.
 *
 * <p>An item that the backend refuses does not hold up the others: what becomes of an item does not depend on where the list was
 * split. A call that fails as a whole, and cannot be made again, ends it, and what comes after counts as not sent. An item is not
 * sent again once one behind it is stored: they would change places.
 */
public final class Batch<I, R> implements Function<Deadline, CompletableFuture<Void>> {
  private final List<I> items;
  private final ToIntFunction<? super I> bytes;
  private final Limits limits;
  private final boolean safe;
  private final BiFunction<List<I>, Deadline, CompletableFuture<List<Outcome<R>>>> send;
  // Tries do not overlap; explain() may be called while one runs, hence the lock.
  /** What is known of each item; null before it is sent, and while it is under way. */
  private final @Nullable Outcome<R>[] outcomes;
  /** Which are still to be sent. */
  private final BitSet open = new BitSet();
  private int sentUpTo;

  @SuppressWarnings({"unchecked", "rawtypes"})
  private Batch(
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
    open.set(0, items.size());
  }

  /**
   * Sends these items.
   *
   * @param repeat whether an item may be sent again after it may have been stored
   * @param observation ended when all is done
   * @param bytes the size of an item
   * @param send one call
   * @return their results, in order. If some were stored and others not it fails with {@code PartialFailureException}
   */
  public static <I, R> CompletableFuture<List<R>> send(
      Calls calls,
      String operation,
      ResourceName resource,
      Calls.Repeat repeat,
      Observation observation,
      List<I> items,
      ToIntFunction<? super I> bytes,
      BiFunction<List<I>, Deadline, CompletableFuture<List<Outcome<R>>>> send) {
    Batch<I, R> batch = new Batch<>(items, bytes, calls.checks().limits(), repeat == Calls.Repeat.SAFE, send);
    return Steps.map(
        calls.call(
            operation, resource, repeat, observation, items.stream().mapToLong(item -> bytes.applyAsInt(item)).sum(), batch, sent -> batch.results()),
        results -> results,
        error -> {
          throw batch.explain(error).at(calls.transport().backend(), operation, resource.toString());
        });
  }

  /** A try: sends what is still open. */
  @Override
  public CompletableFuture<Void> apply(Deadline deadline) {
    return new Run(deadline).begin();
  }

  /** The results, when all items have an outcome. */
  private synchronized List<R> results() {
    List<R> results = new ArrayList<>(outcomes.length);
    for (Outcome<R> outcome : outcomes) {
      if (outcome == null || !outcome.succeeded()) {
        throw failure(Arrays.asList(outcomes));
      }
      results.add(outcome.orThrow());
    }
    return results;
  }

  /** What to tell the caller when this ended the tries: what was stored counts. */
  private synchronized TributaryException explain(TributaryException error) {
    if (stored(Arrays.asList(outcomes)) == 0) {
      return error;
    }
    TributaryException unsent =
        new ConnectionFailedException(
            ErrorInfo.of("not sent, because an earlier part of the list failed", "Send it again").causedBy(error));
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = Outcome.failed(i < sentUpTo ? error : unsent);
      }
    }
    return failure(Arrays.asList(outcomes));
  }

  private static int stored(List<? extends @Nullable Outcome<?>> outcomes) {
    int stored = 0;
    for (Outcome<?> outcome : outcomes) {
      stored += outcome != null && outcome.succeeded() ? 1 : 0;
    }
    return stored;
  }

  /** What to tell of items that have all an outcome, and not all a good one. */
  public static TributaryException failure(List<? extends Outcome<?>> all) {
    TributaryException first = all.stream().map(Outcome::error).filter(Objects::nonNull).findFirst().orElseThrow();
    int stored = stored(all);
    if (stored == 0) {
      return all.stream().map(Outcome::error).filter(error -> error != null && error.maybeApplied()).findFirst().orElse(first);
    }
    return new PartialFailureException(
        ErrorInfo.of(
                stored + " of " + all.size() + " were stored, the first failure is: " + first.getMessage(),
                "outcomes() tells which were not; send those again")
            .maybeApplied(true)
            .causedBy(first),
        all);
  }

  /** The next open items, as many as fit into one call; they are under way from now on. */
  private synchronized int[] nextPart() {
    int[] part = new int[Math.min(open.cardinality(), limits.maxBatch())];
    int count = 0;
    long size = 0;
    for (int i = open.nextSetBit(0); i >= 0 && count < part.length; i = open.nextSetBit(i + 1)) {
      size += bytes.applyAsInt(items.get(i));
      if (count > 0 && size > limits.maxBatchBytes()) {
        break;
      }
      part[count++] = i;
      outcomes[i] = null;
      sentUpTo = Math.max(sentUpTo, i + 1);
    }
    return Arrays.copyOf(part, count);
  }

  private List<I> itemsOf(int[] part) {
    List<I> some = new ArrayList<>(part.length);
    for (int i : part) {
      some.add(items.get(i));
    }
    return some;
  }

  /**
   * Takes the outcomes of a call. What may be sent again stays open.
   *
   * @return why this try must end: for what stays open, or because the whole call failed; null to go on
   */
  private synchronized @Nullable TributaryException keep(int[] part, List<Outcome<R>> answers) {
    TributaryException again = null;
    TributaryException failed = Calls.refusal(part.length, answers);
    boolean overtaken = false;
    for (int i = part.length - 1; i >= 0; i--) {
      TributaryException error = answers.get(i).error();
      outcomes[part[i]] = answers.get(i);
      if (error != null && !overtaken && error.retryable() && (safe || !error.maybeApplied())) {
        again = error;
      } else {
        open.clear(part[i]);
        overtaken |= error == null || error.maybeApplied();
      }
    }
    return failed != null ? failed : again;
  }

  /** One try: call after call until all is sent or one fails. */
  private final class Run extends Steps<Void> {
    private final Deadline deadline;
    private int[] part = {};

    Run(Deadline deadline) {
      this.deadline = deadline;
    }

    Run begin() {
      loop(this::next, this::take);
      return this;
    }

    private @Nullable CompletableFuture<List<Outcome<R>>> next() {
      part = nextPart();
      if (part.length > 0) {
        return send.apply(itemsOf(part), deadline);
      }
      complete(null);
      return null;
    }

    private void take(@Nullable List<Outcome<R>> answers, @Nullable Throwable error) {
      TributaryException failure = answers == null ? Steps.known(Objects.requireNonNull(error)) : keep(part, answers);
      if (failure != null) {
        completeExceptionally(failure);
      }
    }
  }
}
