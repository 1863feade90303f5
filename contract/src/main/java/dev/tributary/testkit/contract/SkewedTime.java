package dev.tributary.testkit.contract;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;

/** Another time, whose wall clock goes wrong. */
final class SkewedTime implements TimeSource {
  private final TimeSource right;
  private volatile Duration ahead;

  SkewedTime(TimeSource right, Duration ahead) {
    this.right = right;
    this.ahead = ahead;
  }

  /** Somebody sets the clock. */
  void step(Duration by) {
    ahead = ahead.plus(by);
  }

  @Override
  public Instant now() {
    return right.now().plus(ahead);
  }

  @Override
  public long nanos() {
    return right.nanos();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return right.schedule(delay, task);
  }

  @Override
  public Timer scheduleAt(long nanos, Runnable task) {
    return right.scheduleAt(nanos, task);
  }

  @Override
  public Duration resolution() {
    return right.resolution();
  }
}
