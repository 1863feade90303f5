package dev.tributary.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The system's clock, with timers on one daemon thread for all clients. */
final class SystemTime implements TimeSource {
  /** There is only one system. */
  static final SystemTime INSTANCE = new SystemTime();

  private static final Duration RESOLUTION = Duration.ofMillis(10);

  private final ScheduledThreadPoolExecutor timers;

  private SystemTime() {
    timers =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "tributary-timer");
              thread.setDaemon(true);
              return thread;
            });
    timers.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    var scheduled = timers.schedule(task, nanosOf(delay), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public Duration resolution() {
    return RESOLUTION;
  }

  private static long nanosOf(Duration delay) {
    try {
      return delay.toNanos();
    } catch (ArithmeticException centuries) {
      return Long.MAX_VALUE / 2;
    }
  }
}
