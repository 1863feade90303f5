package dev.tributary.testkit;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until a test moves it. Timers run on the thread that advances, in the order of their times, each at its
 * own time; a timer that a timer schedules runs in the same step if it falls within it.
 *
 * <pre>{@code
 * VirtualTime time = new VirtualTime();
 * MemoryEngine engine = MemoryEngine.builder().time(time).build();
 * ... // lease a job for 12 hours
 * time.advance(Duration.ofHours(12)); // the lease ends here, and what follows from that happens before this returns
 * }</pre>
 *
 * <p>Thread-safe: timers may be scheduled and cancelled from any thread; threads that advance do so one after the other. A timer's
 * task must not advance.
 */
public final class VirtualTime implements TimeSource {
  /** Where time starts unless told otherwise. */
  public static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

  private final Instant start;
  private final ReentrantLock advancing = new ReentrantLock();
  private final TreeSet<Pending> timers =
      new TreeSet<>(Comparator.comparingLong((Pending p) -> p.due).thenComparingLong(p -> p.number));
  private long nanos;
  private long scheduled;

  /** Starts at {@link #START}. */
  public VirtualTime() {
    this(START);
  }

  /** Starts at this time. */
  public VirtualTime(Instant start) {
    this.start = start;
  }

  @Override
  public synchronized Instant now() {
    return start.plusNanos(nanos);
  }

  /** Nanoseconds since the start. */
  @Override
  public synchronized long nanos() {
    return nanos;
  }

  /** Never runs the task at once, whatever the delay: only {@link #advance} runs tasks. */
  @Override
  public synchronized Timer schedule(Duration delay, Runnable task) {
    return add(later(nanos, delay), task);
  }

  @Override
  public synchronized Timer scheduleAt(long moment, Runnable task) {
    return add(later(nanos, Duration.ofNanos(moment - nanos)), task);
  }

  private Timer add(long due, Runnable task) {
    Pending timer = new Pending(due, scheduled++, task);
    timers.add(timer);
    return timer;
  }

  /**
   * Moves time on by this much and runs what becomes due, on this thread. {@code Duration.ZERO} runs what is due now. If a task
   * throws, time stands at that task's moment and the exception is passed on.
   *
   * @throws IllegalArgumentException if the step is negative
   * @throws IllegalStateException if called by a timer's task
   */
  public void advance(Duration step) {
    if (step.isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + step);
    }
    exclusively(() -> runUntil(later(nanos(), step)));
  }

  /**
   * Moves time on to the next timer, and runs every task that is due then, on this thread.
   *
   * @return whether there was one
   * @throws IllegalStateException if called by a timer's task
   */
  public boolean advanceToNext() {
    boolean[] found = new boolean[1];
    exclusively(
        () -> {
          long next;
          synchronized (this) {
            found[0] = !timers.isEmpty();
            next = found[0] ? Math.max(nanos, timers.first().due) : nanos;
          }
          runUntil(next);
        });
    return found[0];
  }

  /** How many tasks wait for their time. */
  public synchronized int pendingTimers() {
    return timers.size();
  }

  private void exclusively(Runnable steps) {
    if (advancing.isHeldByCurrentThread()) {
      throw new IllegalStateException("a timer's task must not advance time");
    }
    advancing.lock();
    try {
      steps.run();
    } finally {
      advancing.unlock();
    }
  }

  private void runUntil(long end) {
    for (Pending due = takeDue(end); due != null; due = takeDue(end)) {
      due.task.run();
    }
    synchronized (this) {
      nanos = Math.max(nanos, end);
    }
  }

  private synchronized @Nullable Pending takeDue(long end) {
    if (timers.isEmpty() || timers.first().due > end) {
      return null;
    }
    Pending due = timers.pollFirst();
    nanos = Math.max(nanos, due.due);
    return due;
  }

  private static long later(long from, Duration delay) {
    long length;
    try {
      length = Math.max(0, delay.toNanos());
    } catch (ArithmeticException centuries) {
      length = Long.MAX_VALUE;
    }
    return length > Long.MAX_VALUE - from ? Long.MAX_VALUE : from + length;
  }

  private final class Pending implements Timer {
    private final long due;
    private final long number;
    private final Runnable task;

    Pending(long due, long number, Runnable task) {
      this.due = due;
      this.number = number;
      this.task = task;
    }

    @Override
    public void cancel() {
      synchronized (VirtualTime.this) {
        timers.remove(this);
      }
    }
  }
}
