package dev.tributary.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The system's clock, with timers on one daemon thread for all clients, which ends when nobody has a timer any more. */
final class SystemTime implements TimeSource {
  /** There is only one system. */
  static final SystemTime INSTANCE = new SystemTime();

  private static final System.Logger LOG = System.getLogger("dev.tributary.timer");
  private static final Duration RESOLUTION = Duration.ofMillis(10);
  private static final long IDLE_SECONDS = 5;

  private final ScheduledThreadPoolExecutor timers;

  private SystemTime() {
    timers = new ScheduledThreadPoolExecutor(1, TimerThread::new);
    timers.setRemoveOnCancelPolicy(true);
    // A thread that stayed would keep the class loader of whoever used this library first.
    timers.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timers.allowCoreThreadTimeOut(true);
  }

  private static final class TimerThread extends Thread {
    TimerThread(Runnable work) {
      super(work, "tributary-timer");
      setDaemon(true);
      setContextClassLoader(null);
    }
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
    var scheduled = timers.schedule(() -> run(task), Deadline.nanos(delay), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.ERROR, "A timer's task threw; the others go on", thrown);
    }
  }

  @Override
  public boolean onTimerThread() {
    return Thread.currentThread() instanceof TimerThread;
  }

  @Override
  public Duration resolution() {
    return RESOLUTION;
  }
}
