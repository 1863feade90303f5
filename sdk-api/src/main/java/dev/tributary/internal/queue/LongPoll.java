package dev.tributary.internal.queue;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One try to take jobs that waits for the first: at the backend as far as that can, else by asking again and again. Completes with
 * an empty list when the wait is over.
 */
final class LongPoll extends CompletableFuture<List<LeasedJob>> implements BiConsumer<List<LeasedJob>, @Nullable Throwable> {
  private static final long FIRST_PAUSE = Duration.ofMillis(50).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofSeconds(1).toNanos();

  private final Reception reception;
  private final Deadline deadline;
  private volatile @Nullable CompletableFuture<List<LeasedJob>> current;
  private volatile TimeSource.@Nullable Timer timer;
  private long ceiling = FIRST_PAUSE;
  private long askedAt;
  private Duration asked = Duration.ZERO;

  LongPoll(Reception reception, Deadline deadline) {
    this.reception = reception;
    this.deadline = deadline;
  }

  void poll() {
    if (isDone()) {
      return;
    }
    try {
      askedAt = reception.time().nanos();
      asked = reception.waitAtBackend();
      CompletableFuture<List<LeasedJob>> answer = reception.ask(asked, deadline);
      current = answer;
      answer.whenComplete(this);
      if (isDone()) {
        answer.cancel(true);
      }
    } catch (Throwable thrown) {
      completeExceptionally(thrown);
    }
  }

  @Override
  public void accept(List<LeasedJob> jobs, @Nullable Throwable error) {
    current = null;
    try {
      if (error != null) {
        completeExceptionally(error);
      } else if (!jobs.isEmpty()) {
        take(jobs);
      } else if (!isDone()) {
        again();
      }
    } catch (Throwable thrown) {
      completeExceptionally(thrown);
    }
  }

  /** These were leased for it. */
  void take(List<LeasedJob> jobs) {
    if (reception.arrived(jobs)) {
      complete(jobs);
    }
  }

  /** It has these from elsewhere: what the backend may still bring is given back. */
  void end(List<LeasedJob> jobs) {
    complete(jobs);
    stop();
  }

  private void again() {
    TimeSource time = reception.time();
    long left = reception.remainingNanos();
    if (left <= 0) {
      complete(List.of());
      return;
    }
    // A backend that waited as long as it was asked to has made its pause already.
    long pause = 0;
    if (asked.isZero() || time.nanos() - askedAt < asked.toNanos()) {
      pause = Math.min(left, ThreadLocalRandom.current().nextLong(ceiling / 2, ceiling + 1));
      ceiling = Math.min(LONGEST_PAUSE, ceiling * 2);
    }
    timer = time.schedule(Duration.ofNanos(pause), this::poll);
    if (isDone()) {
      stop();
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    stop();
    return cancelled;
  }

  /** The client closes. */
  void end(RuntimeException why) {
    completeExceptionally(why);
    stop();
  }

  private void stop() {
    CompletableFuture<List<LeasedJob>> running = current;
    if (running != null) {
      running.cancel(true);
    }
    TimeSource.Timer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
    }
  }
}
