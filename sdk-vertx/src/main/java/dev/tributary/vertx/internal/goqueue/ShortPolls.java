package dev.tributary.vertx.internal.goqueue;

import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Waits by polls that are short and never broken off, for a server that hands jobs to a poll whose client is gone. Whoever cancels makes no
 * more of them; what the last one brings all the same is given back. Thread-safe.
 */
final class ShortPolls {
  private static final Duration LONGEST = Duration.ofSeconds(1);

  private final TimeSource time;
  private final BiFunction<Integer, Duration, CompletableFuture<List<LeasedJob>>> poll;
  private final Function<LeasedJob, CompletableFuture<?>> giveBack;
  private final Set<CompletableFuture<Void>> onTheWay = ConcurrentHashMap.newKeySet();

  ShortPolls(
      TimeSource time,
      BiFunction<Integer, Duration, CompletableFuture<List<LeasedJob>>> poll,
      Function<LeasedJob, CompletableFuture<?>> giveBack) {
    this.time = time;
    this.poll = poll;
    this.giveBack = giveBack;
  }

  /** Up to about so many jobs: those that are ready, or else the first that are within this time. */
  CompletableFuture<List<LeasedJob>> poll(int most, Duration wait) {
    CompletableFuture<List<LeasedJob>> result = new CompletableFuture<>();
    next(most, time.nanos() + wait.toNanos(), result);
    return result;
  }

  private void next(int most, long end, CompletableFuture<List<LeasedJob>> result) {
    long began = time.nanos();
    long stay = Math.max(0, Math.min(LONGEST.toNanos(), end - began));
    CompletableFuture<Void> over = new CompletableFuture<>();
    onTheWay.add(over);
    poll.apply(most, Duration.ofNanos(stay))
        .whenComplete(
            (jobs, error) -> {
              took(jobs, error, result)
                  .whenComplete(
                      (given, failed) -> {
                        onTheWay.remove(over);
                        over.complete(null);
                      });
              if (!result.isDone()) {
                long now = time.nanos();
                // A server that does not wait is not asked again at once: the client above makes its pauses.
                if (now - end >= 0 || now - began < stay / 2) {
                  result.complete(List.of());
                } else {
                  next(most, end, result);
                }
              }
            });
  }

  private CompletableFuture<Void> took(
      @Nullable List<LeasedJob> jobs, @Nullable Throwable error, CompletableFuture<List<LeasedJob>> result) {
    if (jobs == null) {
      result.completeExceptionally(error);
    } else if (!jobs.isEmpty() && !result.complete(jobs)) {
      return CompletableFuture.allOf(jobs.stream().map(giveBack).toArray(CompletableFuture[]::new));
    }
    return CompletableFuture.completedFuture(null);
  }

  /** Completes when no poll is on its way any more, and what they brought is given back. */
  CompletableFuture<Void> over() {
    return CompletableFuture.allOf(onTheWay.toArray(CompletableFuture[]::new));
  }
}
