package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Polls that are never broken off: what a server has leased to one whose client is gone, nobody has until the lease ends. Whoever cancels is
 * free at once; the request on its way ends by itself, and what it brings all the same is given back. Thread-safe.
 */
public final class UnbrokenPolls {
  private static final Duration AGAIN = Duration.ofMillis(250);

  private final TimeSource time;
  private final Function<LeasedJob, CompletableFuture<?>> giveBack;
  private final Set<CompletableFuture<Void>> onTheWay = ConcurrentHashMap.newKeySet();

  public UnbrokenPolls(TimeSource time, Function<LeasedJob, CompletableFuture<?>> giveBack) {
    this.time = time;
    this.giveBack = giveBack;
  }

  /**
   * What this request brings, which takes jobs even if nobody listens.
   *
   * @param hurry tells the server that nobody waits any more: called until the request is over, with pauses, as long as it says false
   */
  public CompletableFuture<List<LeasedJob>> poll(CompletableFuture<List<LeasedJob>> request, Supplier<CompletableFuture<Boolean>> hurry) {
    CompletableFuture<List<LeasedJob>> result = new CompletableFuture<>();
    CompletableFuture<Void> over = new CompletableFuture<>();
    onTheWay.add(over);
    over.whenComplete((ended, error) -> onTheWay.remove(over));
    result.whenComplete(
        (jobs, error) -> {
          if (result.isCancelled()) {
            hurry(hurry, over);
          }
        });
    request.whenComplete(
        (jobs, error) -> {
          try {
            took(jobs, error, result).whenComplete((given, failed) -> over.complete(null));
          } catch (Throwable defect) {
            over.complete(null);
            throw defect;
          }
        });
    return result;
  }

  /** A request that waits for a connection is not known to the server yet. */
  private void hurry(Supplier<CompletableFuture<Boolean>> hurry, CompletableFuture<Void> over) {
    if (!over.isDone()) {
      hurry
          .get()
          .whenComplete(
              (known, error) -> {
                if (error == null && !known && !over.isDone()) {
                  time.schedule(AGAIN, () -> hurry(hurry, over));
                }
              });
    }
  }

  private CompletableFuture<Void> took(
      @Nullable List<LeasedJob> jobs, @Nullable Throwable error, CompletableFuture<List<LeasedJob>> result) {
    if (jobs == null) {
      result.completeExceptionally(error);
    } else if (!result.complete(jobs)) {
      return CompletableFuture.allOf(jobs.stream().map(giveBack).toArray(CompletableFuture[]::new));
    }
    return CompletableFuture.completedFuture(null);
  }

  /** Completes when no poll is on its way any more, and what they brought is given back. */
  public CompletableFuture<Void> over() {
    return CompletableFuture.allOf(onTheWay.toArray(CompletableFuture[]::new));
  }
}
