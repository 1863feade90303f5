package dev.tributary.internal.stream;

import dev.tributary.internal.Calls.Repeat;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Commits for the group of a consumer, when asked and by the clock. Guarded by the {@link Lanes}. */
final class Commits<T> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  private final StreamConsumer<T> consumer;
  private final Lanes<T> lanes;
  private final @Nullable Duration every;
  private TimeSource.@Nullable Timer timer;

  /** By the clock only if there is an {@code every}. */
  Commits(StreamConsumer<T> consumer, @Nullable Duration every) {
    this.consumer = consumer;
    this.lanes = consumer.lanes;
    this.every = every;
  }

  /** Commits the watermarks as they are when the call is made, and again as they are then when it is repeated. */
  CompletableFuture<Void> processed() {
    if (lanes.watermarks().isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    return commit(
        deadline -> {
          Map<Integer, Long> next = lanes.watermarks();
          return next.isEmpty() ? CompletableFuture.completedFuture(null) : atSource(next, deadline);
        });
  }

  /** Commits these. */
  CompletableFuture<Void> offsets(Map<Integer, Long> next) {
    return next.isEmpty() ? CompletableFuture.completedFuture(null) : commit(deadline -> atSource(next, deadline));
  }

  private CompletableFuture<Void> commit(Function<Deadline, CompletableFuture<Void>> attempt) {
    Observation observation =
        consumer.calls.observe(Operation.Kind.SETTLE, "commit", consumer.name, consumer.group, -1, 0, -1, null, List.of());
    return consumer.calls.call(
        "commit", consumer.name, Repeat.SAFE, observation, consumer.calls.deadline(), attempt, Function.identity());
  }

  private CompletableFuture<Void> atSource(Map<Integer, Long> next, Deadline deadline) {
    CompletableFuture<Void> committing = consumer.intake.source.commit(next, deadline);
    committing.whenComplete(
        (done, error) -> {
          if (error == null) {
            lanes.committed(next);
          }
        });
    return committing;
  }

  /** Commits by the clock from now on. */
  void schedule() {
    if (every == null) {
      return;
    }
    synchronized (lanes) {
      if (!lanes.isClosed()) {
        timer = consumer.calls.time().schedule(every, this::byTheClock);
      }
    }
  }

  private void byTheClock() {
    processed()
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

  /** Commits what is processed if the clock would have. Only for a consumer that is closed. */
  CompletableFuture<Void> last() {
    return every == null ? CompletableFuture.completedFuture(null) : processed();
  }

  /** No more commits by the clock. Only for a consumer that is closed. */
  void stop() {
    synchronized (lanes) {
      if (timer != null) {
        timer.cancel();
      }
    }
  }
}
