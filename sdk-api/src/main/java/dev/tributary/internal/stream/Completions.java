package dev.tributary.internal.stream;

import dev.tributary.internal.Calls;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Completes the futures of a publisher's users on the callback executor, as they come. A callback may wait for another of these futures:
 * whatever is added gets a thread of its own to help, up to a bound, so that those behind the callback do not wait for it.
 */
final class Completions {
  private static final System.Logger LOG = System.getLogger("dev.tributary.callbacks");

  private static final int THREADS = 8;

  /** As many as callbacks may keep while somebody waits for what comes behind them. */
  private static final int MOST_THREADS = 256;

  private final Calls calls;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  /** Events that are being completed. */
  private final Set<CompletableFuture<?>> inHand = new HashSet<>();
  private final Set<Thread> threads = new HashSet<>();
  private int helpers;

  Completions(Calls calls) {
    this.calls = calls;
  }

  /**
   * One future to complete.
   *
   * @param event the future, if it is an event's; else it comes after all events before it
   * @param complete completes it
   */
  record Step(@Nullable CompletableFuture<?> event, Runnable complete) {}

  void add(List<Step> more) {
    boolean others = false;
    synchronized (this) {
      for (Step step : more) {
        steps.add(step);
        others |= step.event() == null;
      }
    }
    help(THREADS);
    if (others) {
      // Callbacks of events may wait for it, on however many threads that they hold.
      help(MOST_THREADS);
    }
  }

  private void help(int most) {
    synchronized (this) {
      if (helpers >= most || steps.isEmpty()) {
        return;
      }
      helpers++;
    }
    calls.callback(this::drain);
  }

  /** Whether all that was added is complete, or as far as it can be for a callback of one of these futures. */
  synchronized boolean isComplete() {
    return threads.contains(Thread.currentThread()) || steps.isEmpty() && inHand.stream().allMatch(CompletableFuture::isDone);
  }

  private void drain() {
    synchronized (this) {
      threads.add(Thread.currentThread());
    }
    for (Step step = next(); step != null; step = next()) {
      try {
        step.complete().run();
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.ERROR, "A callback threw", thrown);
      }
      synchronized (this) {
        inHand.remove(step.event());
      }
    }
  }

  private @Nullable Step next() {
    Step step;
    List<CompletableFuture<?>> before = List.of();
    synchronized (this) {
      step = steps.poll();
      if (step == null) {
        helpers--;
        threads.remove(Thread.currentThread());
        return null;
      }
      if (step.event() == null) {
        before = List.copyOf(inHand);
      } else {
        inHand.add(step.event());
      }
    }
    for (CompletableFuture<?> event : before) {
      // They are about to be; their callbacks come after that.
      while (!event.isDone()) {
        Thread.onSpinWait();
      }
    }
    return step;
  }
}
