package dev.tributary.vertx.internal.net;

import dev.tributary.spi.TimeSource;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

/** Timers of the time source whose tasks run on an event loop. */
public final class LoopTimer {
  private static final Logger LOG = System.getLogger("dev.tributary.net");

  private LoopTimer() {}

  /** Runs the task on the loop after this long; not at all if the loop ends before, as it does when its client is closed. */
  public static TimeSource.Timer after(TimeSource time, ContextInternal loop, Duration delay, Runnable task) {
    return time.schedule(
        delay,
        () -> {
          try {
            loop.emit(task, Runnable::run);
          } catch (RejectedExecutionException ended) {
            LOG.log(Level.DEBUG, "a timer outlived its event loop", ended);
          }
        });
  }
}
