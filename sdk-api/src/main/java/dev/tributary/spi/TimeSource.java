package dev.tributary.spi;

import java.time.Duration;
import java.time.Instant;

/** The only clock and timer of the SDK, so that tests can put their own in its place. Thread-safe. */
public interface TimeSource {
  /** The system's clock, with timers on one shared daemon thread. */
  static TimeSource system() {
    return SystemTime.INSTANCE;
  }

  /** The wall clock: for what is shown and sent, not for measuring. */
  Instant now();

  /** A monotonic clock, in nanoseconds from an arbitrary origin: for measuring. */
  long nanos();

  /**
   * Runs the task once, not before the delay has passed. The task must be short, must not block, and is none of a user.
   *
   * @return cancels it; no effect once it runs
   */
  Timer schedule(Duration delay, Runnable task);

  /**
   * Runs the task once, not before {@link #nanos} has come to this moment; the same rules. A delay that the caller works out would begin
   * when it is scheduled, and be late by whatever passed in between.
   */
  default Timer scheduleAt(long nanos, Runnable task) {
    return schedule(Duration.ofNanos(Math.max(0, nanos - nanos())), task);
  }

  /**
   * Whether the calling thread is one that serves everybody's timers, so that it must not be kept by code of a user. False where each test
   * has its time for itself.
   */
  default boolean onTimerThread() {
    return false;
  }

  /** Deadlines that are less than this apart may share one timer, and be this late; zero for exact ones. */
  default Duration resolution() {
    return Duration.ZERO;
  }

  /** A task that waits for its time. */
  interface Timer {
    /** Never runs it, unless it runs already. */
    void cancel();
  }
}
