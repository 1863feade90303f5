package dev.tributary.testkit.wire;

import dev.tributary.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Virtual time that passes while a test waits, at ten times the speed of real time: no lease ends by a slow machine. */
public final class PassingTime {
  private static final Duration STEP = Duration.ofMillis(10);
  private static final long REAL_STEP = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SECONDS = 60;

  private final VirtualTime time;

  /** Moves this time. */
  public PassingTime(VirtualTime time) {
    this.time = time;
  }

  /** The result of a call. */
  public <T> T of(CompletableFuture<T> call) throws Exception {
    until("completion", call::isDone);
    return Outcomes.of(call);
  }

  /** Waits for this. */
  public void until(String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!holds.call()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(what + ": not within " + SECONDS + " s");
      }
      time.advance(STEP);
      LockSupport.parkNanos(REAL_STEP);
    }
  }
}
