package dev.tributary.vertx.internal.net;

import dev.tributary.spi.TimeSource;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;

/** Timers of the time source whose tasks run on an event loop. */
public final class LoopTimer {
  private LoopTimer() {}

  /** Runs the task on the loop after this long; not at all if the loop ends before, as it does when its client is closed. */
  public static TimeSource.Timer after(TimeSource time, ContextInternal loop, Duration delay, Runnable task) {
    return time.schedule(delay, () -> OnLoop.run(loop, task, Runnable::run));
  }
}
