package dev.tributary.internal.driver;

import dev.tributary.config.Retry;
import dev.tributary.spi.Deadline;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between tries: exponential with jitter. Not thread-safe. */
public final class Backoff {
  private final Retry retry;
  private final long mostNanos;
  private int failures;

  public Backoff(Retry retry) {
    this(retry, Duration.ofSeconds(Long.MAX_VALUE));
  }

  /**
   * Pauses with a limit of their own.
   *
   * @param most the longest pause, whatever calls are told
   */
  public Backoff(Retry retry, Duration most) {
    this.retry = retry;
    this.mostNanos = Math.min(Deadline.nanos(most), Long.MAX_VALUE / 2);
  }

  /** One more failure: how long to wait now, any part of what it may be, so that many who wait do not come together. */
  public Duration next() {
    return Duration.ofNanos(random(0, ceiling()));
  }

  /** One more failure: how long to wait now, half of what it may be or more, for one who decides for many. */
  public Duration nextOfOne() {
    long ceiling = ceiling();
    return Duration.ofNanos(random(ceiling / 2, ceiling));
  }

  private long ceiling() {
    failures = Math.min(failures + 1, 1_000);
    return Math.min(mostNanos, Deadline.nanos(retry.ceiling(failures)));
  }

  private static long random(long from, long to) {
    return ThreadLocalRandom.current().nextLong(from, to + 1);
  }

  /** It worked. */
  public void reset() {
    failures = 0;
  }
}
