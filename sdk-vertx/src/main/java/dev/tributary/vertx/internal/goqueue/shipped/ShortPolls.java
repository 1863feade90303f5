package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * ShortPolls that are never broken off: what a server has leased to one whose client is gone, nobody has until the lease ends. Whoever cancels is
 * free at once; the request on its way ends by itself, and what it brings all the same is given back. Thread-safe.
 */
public final class ShortPolls {
  private static final Duration AGAIN = Duration.ofMillis(250);

  private final TimeSource time;
  private final Function<LeasedJob, CompletableFuture<?>> giveBack;
  private final Set<CompletableFuture<Void>> onTheWay = ConcurrentHashMap.newKeySet();

  /** How a server is asked. */
  public interface Server {
    /** The longest that one request may stay there; the next one follows it. */
    Duration longest();

    /** One request, which stays this long if nothing is there; it takes jobs even if nobody listens. */
    CompletableFuture<List<LeasedJob>> ask(Duration stay);

    /** Nobody waits for the request any more: it may answer at once. Called until it is over, with pauses, as long as it says false. */
    CompletableFuture<Boolean> hurry();
  }

  public ShortPolls(TimeSource time, Function<LeasedJob, CompletableFuture<?>> giveBack) {
    this.time = time;
    this.giveBack = giveBack;
  }

  /** The jobs that are ready, or else the first that are within this time. */
  public CompletableFuture<List<LeasedJob>> poll(Server server, Duration wait) {
    CompletableFuture<List<LeasedJob>> result = new CompletableFuture<>();
    next(server, time.nanos() + wait.toNanos(), result);
    return result;
  }

  private void next(Server server, long end, CompletableFuture<List<LeasedJob>> result) {
    long began = time.nanos();
    long stay = Math.max(0, Math.min(server.longest().toNanos(), end - began));
    CompletableFuture<Void> over = new CompletableFuture<>();
    onTheWay.add(over);
    over.whenComplete((ended, error) -> onTheWay.remove(over));
    server
        .ask(Duration.ofNanos(stay))
        .whenComplete(
            (jobs, error) -> {
              try {
                took(jobs, error, result).whenComplete((given, failed) -> over.complete(null));
              } catch (Throwable defect) {
                over.complete(null);
                throw defect;
              }
              if (!result.isDone()) {
                long now = time.nanos();
                // A server that does not wait is not asked again at once: the client above makes its pauses.
                if (now - end >= 0 || now - began < stay / 2) {
                  result.complete(List.of());
                } else {
                  next(server, end, result);
                }
              }
            });
    result.whenComplete(
        (jobs, error) -> {
          if (result.isCancelled() && stay > 0) {
            hurry(server, over);
          }
        });
  }

  /** A request that waits for a connection is not known to the server yet. */
  private void hurry(Server server, CompletableFuture<Void> over) {
    if (!over.isDone()) {
      server
          .hurry()
          .whenComplete(
              (known, error) -> {
                if (error == null && !known && !over.isDone()) {
                  time.schedule(AGAIN, () -> hurry(server, over));
                }
              });
    }
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
  public CompletableFuture<Void> over() {
    return CompletableFuture.allOf(onTheWay.toArray(CompletableFuture[]::new));
  }
}
