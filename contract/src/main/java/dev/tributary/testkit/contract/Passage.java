package dev.tributary.testkit.contract;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Lets time pass, virtual or real. */
interface Passage {
  /** How much virtual time one step moves on. */
  Duration STEP = Duration.ofMillis(50);

  /** How long a step rests, in nanoseconds, so that bytes in flight arrive before the next one. */
  long REST = 200_000;

  /** Lets this much time pass. */
  void pass(Duration duration);

  static Passage of(TimeSource time) {
    return time instanceof VirtualTime virtual ? duration -> move(virtual, duration) : duration -> wait(time, duration);
  }

  private static void move(VirtualTime time, Duration duration) {
    Duration left = duration;
    while (left.compareTo(STEP) > 0) {
      time.advance(STEP);
      LockSupport.parkNanos(REST);
      left = left.minus(STEP);
    }
    time.advance(left);
  }

  private static void wait(TimeSource time, Duration duration) {
    CountDownLatch passed = new CountDownLatch(1);
    time.schedule(duration, passed::countDown);
    try {
      passed.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + duration + " passed", interrupted);
    }
  }
}
