package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One timer for everything that something has to do at some time. It may ring before anything is due, so that what is put off costs
 * nothing, and never after. Guarded by whoever has it.
 */
public final class Alarm {
  /** Later than everything. */
  public static final long NEVER = Long.MAX_VALUE;

  private final TimeSource time;
  private final Runnable ring;
  private TimeSource.@Nullable Timer timer;
  private long due = NEVER;
  private boolean on;

  public Alarm(TimeSource time, Runnable ring) {
    this.time = time;
    this.ring = ring;
  }

  /** This long from now, by the clock that alarms go by. */
  public static long in(TimeSource time, Duration delay) {
    long now = time.nanos();
    long length;
    try {
      length = delay.toNanos();
    } catch (ArithmeticException centuries) {
      return NEVER;
    }
    return length > NEVER - Math.max(0, now) ? NEVER : now + length;
  }

  /** From now on it rings. */
  public void start() {
    on = true;
  }

  /** Rings at this time, if nothing rings before. */
  public void by(long nanos) {
    if (on && nanos < due) {
      disarm();
      due = nanos;
      timer = time.scheduleAt(nanos, ring);
    }
  }

  /** It rang: whoever has it says what is next. */
  public void rang() {
    timer = null;
    due = NEVER;
  }

  /** From now on it does not. */
  public void stop() {
    on = false;
    disarm();
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    due = NEVER;
  }
}
