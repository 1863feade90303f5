package dev.tributary.spi;

import java.time.Duration;

/** The moment by which a call must have completed. */
public final class Deadline {
  private final TimeSource time;
  private final Duration timeout;
  private final long endNanos;

  private Deadline(TimeSource time, Duration timeout, long endNanos) {
    this.time = time;
    this.timeout = timeout;
    this.endNanos = endNanos;
  }

  /** This long from now. */
  public static Deadline after(TimeSource time, Duration timeout) {
    long nanos;
    try {
      nanos = timeout.toNanos();
    } catch (ArithmeticException centuries) {
      nanos = Long.MAX_VALUE / 2;
    }
    return new Deadline(time, timeout, time.nanos() + Math.min(nanos, Long.MAX_VALUE / 2));
  }

  /** How long it was when it was set. */
  public Duration timeout() {
    return timeout;
  }

  /** Nanoseconds left; zero or less if it has passed. */
  public long remainingNanos() {
    return endNanos - time.nanos();
  }

  /** What is left; zero if it has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, remainingNanos()));
  }

  /** Whether it has passed. */
  public boolean expired() {
    return remainingNanos() <= 0;
  }

  @Override
  public String toString() {
    return "in " + remaining();
  }
}
