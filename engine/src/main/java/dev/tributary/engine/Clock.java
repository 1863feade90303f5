package dev.tributary.engine;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;

/** The engine's time: nanoseconds since it was made, which can be compared and added without overflow. */
final class Clock {
  /** Later than everything. */
  static final long NEVER = Long.MAX_VALUE;

  private final TimeSource time;
  private final long origin;

  Clock(TimeSource time) {
    this.time = time;
    this.origin = time.nanos();
  }

  TimeSource source() {
    return time;
  }

  long nanos() {
    return time.nanos() - origin;
  }

  /** Runs the task when it is that late. */
  TimeSource.Timer schedule(long nanos, Runnable task) {
    return time.scheduleAt(origin + nanos, task);
  }

  Instant wall() {
    return time.now();
  }

  /** This long from now. */
  long in(Duration delay) {
    long now = nanos();
    long length;
    try {
      length = delay.toNanos();
    } catch (ArithmeticException centuries) {
      return NEVER;
    }
    return length > NEVER - now ? NEVER : now + length;
  }
}
