package dev.tributary.internal.stream;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Checks;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A poll that waits. Either it is claimed, and then messages are taken for it, or it is cancelled, and then none are. */
final class Poll<M> extends CompletableFuture<List<M>> {
  private final int max;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private volatile boolean due;
  private volatile boolean unwanted;
  private volatile TimeSource.@Nullable Timer timer;

  Poll(int max) {
    this.max = max;
  }

  /** Refuses what no poll can be. */
  static void check(int max, Duration wait) {
    Checks.atLeastOne("max", max);
    if (Checks.present("wait", wait).isNegative()) {
      throw InvalidRequestException.of("wait " + wait + " is negative", "Use Duration.ZERO not to wait");
    }
  }

  int max() {
    return max;
  }

  /** It waits no longer than this, and is served then. */
  void waitFor(Duration wait, TimeSource time, Runnable serve) {
    if (wait.isZero()) {
      due = true;
      return;
    }
    timer =
        time.schedule(
            wait,
            () -> {
              due = true;
              serve.run();
            });
    if (isDone()) {
      stopTimer();
    }
  }

  /** Whether it has waited long enough. */

  boolean isDue() {
    return due;
  }

  /** Whether it is for the caller to end it. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /** There is nothing for it after all: it waits on, unless its user has cancelled it meanwhile. */
  void release() {
    claimed.set(false);
    if (unwanted) {
      cancel(true);
    }
  }

  void end(@Nullable List<M> messages, @Nullable TributaryException error) {
    stopTimer();
    if (error != null) {
      completeExceptionally(error);
    } else {
      complete(messages);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    unwanted = true;
    if (!claim()) {
      return isCancelled();
    }
    stopTimer();
    return super.cancel(mayInterrupt);
  }

  private void stopTimer() {
    TimeSource.Timer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
    }
  }
}
