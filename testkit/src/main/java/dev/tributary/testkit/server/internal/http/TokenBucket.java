package dev.tributary.testkit.server.internal.http;

import dev.tributary.spi.TimeSource;
import java.time.Duration;

/** So many at once, and so many more in the long run. Thread-safe. */
public final class TokenBucket {
  private final TimeSource time;
  private final int burst;
  private final double nanosAToken;
  private double tokens;
  private long filledAt;

  /** Full, and filled again by {@code rate} in every {@code period}. */
  public TokenBucket(TimeSource time, int burst, int rate, Duration period) {
    this.time = time;
    this.burst = burst;
    this.nanosAToken = (double) period.toNanos() / rate;
    this.tokens = burst;
    this.filledAt = time.nanos();
  }

  /** Takes one, if there is one. */
  public synchronized boolean take() {
    fill();
    boolean granted = tokens >= 1;
    if (granted) {
      tokens--;
    }
    return granted;
  }

  /** How many there are. */
  public synchronized int remaining() {
    fill();
    return (int) tokens;
  }

  /** When it is full again. */
  public synchronized Duration untilFull() {
    fill();
    return Duration.ofNanos((long) Math.ceil((burst - tokens) * nanosAToken));
  }

  private void fill() {
    long now = time.nanos();
    tokens = Math.min(burst, tokens + (now - filledAt) / nanosAToken);
    filledAt = now;
  }
}
