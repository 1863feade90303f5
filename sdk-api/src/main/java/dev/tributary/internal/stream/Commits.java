package dev.tributary.internal.stream;

import dev.tributary.error.ConflictException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Commits for the group of a consumer, when asked and by the clock. Guarded by the {@link Assignment}. */
final class Commits<T> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  /** After a burst what is processed is committed soon, so that little is repeated if partitions move without a warning. */
  private static final Duration SOON = Duration.ofMillis(200);

  private static final Duration NOT_SOONER = Duration.ofSeconds(1);

  private final StreamConsumer<T> consumer;
  private final Assignment<T> assignment;
  private final @Nullable Duration every;
  private TimeSource.@Nullable Timer timer;
  private TimeSource.@Nullable Timer soon;
  private @Nullable Deadline soonest;
  private boolean underWay;
  private CompletableFuture<Void> turn = CompletableFuture.completedFuture(null);

  /** By the clock only if there is an {@code every}. */
  Commits(StreamConsumer<T> consumer, @Nullable Duration every) {
    this.consumer = consumer;
    this.assignment = consumer.assignment;
    this.every = every;
  }

  /** Commits the watermarks, for a user. */
  CompletableFuture<Void> processed() {
    return processed(consumer.calls);
  }

  /** Commits the watermarks as they are when the call is made, and again as they are then when it is repeated. */
  private CompletableFuture<Void> processed(Calls calls) {
    if (assignment.watermarks().isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return commit(
        calls,
        deadline ->
            inTurn(
                () -> {
                  Map<Integer, Long> next = assignment.watermarks();
                  return next.isEmpty() ? CompletableFuture.completedFuture(null) : atSource(next, deadline);
                }));
  }

  /** Commits these. */
  CompletableFuture<Void> offsets(Map<Integer, Long> next) {
    return next.isEmpty() ? CompletableFuture.completedFuture(null) : commit(consumer.calls, deadline -> inTurn(() -> atSource(next, deadline)));
  }

  private CompletableFuture<Void> commit(Calls calls, Function<Deadline, CompletableFuture<Void>> attempt) {
    Observation observation =
        calls.observe(Operation.Kind.SETTLE, "commit", consumer.name, consumer.group, -1, 0, -1, null, List.of());
    return calls.call(
        "commit", consumer.name, Repeat.SAFE, observation, calls.deadline(), attempt, Function.identity());
  }

  /** One after another: side by side the older could arrive last, and take the progress back. */
  private CompletableFuture<Void> inTurn(Supplier<CompletableFuture<Void>> committing) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    CompletableFuture<Void> before;
    synchronized (assignment) {
      before = turn;
      turn = over;
    }
    CompletableFuture<Void> whole = Steps.then(before.copy(), go -> committing.get());
    // Also one that was cancelled keeps its turn until it comes: what is before it may still be under way.
    before.thenRun(() -> whole.whenComplete((done, error) -> over.complete(null)));
    return whole;
  }

  private CompletableFuture<Void> atSource(Map<Integer, Long> next, Deadline deadline) {
    CompletableFuture<Void> committing = consumer.intake.source.commit(next, deadline);
    committing.whenComplete(
        (done, error) -> {
          if (error == null) {
            assignment.committed(next);
          }
        });
    return committing;
  }

  /** Commits by the clock from now on. */
  void schedule() {
    if (every == null) {
      return;
    }
    synchronized (assignment) {
      if (!assignment.isClosed()) {
        timer = consumer.calls.time().schedule(every, this::byTheClock);
      }
    }
  }

  private void byTheClock() {
    byItself()
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                LOG.log(
                    System.Logger.Level.WARNING,
                    "Could not commit for group " + consumer.group + "; trying again in " + every,
                    error);
              }
              schedule();
            });
  }

  /** Nothing is under way any more: what is processed is committed before its time. Holds no lock. */
  void soon() {
    if (every == null || every.compareTo(NOT_SOONER) <= 0 || assignment.watermarks().isEmpty()) {
      return;
    }
    synchronized (assignment) {
      if (soon != null || assignment.isClosed()) {
        return;
      }
      Duration wait = soonest == null || soonest.remaining().compareTo(SOON) < 0 ? SOON : soonest.remaining();
      soon = consumer.calls.time().schedule(wait, this::atRest);
    }
  }

  private void atRest() {
    synchronized (assignment) {
      soon = null;
      soonest = Deadline.after(consumer.calls.time(), NOT_SOONER);
    }
    // If it fails the clock will try again, and tell.
    byItself();
  }

  /** Commits what is processed, unless that is under way. */
  private CompletableFuture<Void> byItself() {
    synchronized (assignment) {
      if (underWay) {
        return CompletableFuture.completedFuture(null);
      }
      underWay = true;
    }
    return processed(consumer.calls.steps())
        .whenComplete(
            (done, error) -> {
              synchronized (assignment) {
                underWay = false;
              }
            });
  }

  /**
   * Commits what is processed if the clock would have: before a close, and before partitions go. What others have by then is theirs to commit, as
   * it would be if the news had come a moment before.
   */
  CompletableFuture<Void> last() {
    if (every == null) {
      return CompletableFuture.completedFuture(null);
    }
    return processed(consumer.calls.steps())
        .exceptionallyCompose(
            error -> Steps.unwrap(error) instanceof ConflictException ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(error));
  }

  /** No more commits by the clock. Only for a consumer that is closed. */
  void stop() {
    synchronized (assignment) {
      if (timer != null) {
        timer.cancel();
      }
      if (soon != null) {
        soon.cancel();
      }
    }
  }
}
