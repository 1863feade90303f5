package dev.tributary.internal;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** A clock that only moves when a test says so, and then runs what has become due, in order, on the test's thread. */
public final class ManualTime implements TimeSource {
  private static final Instant ORIGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
  private final List<Duration> delays = new ArrayList<>();
  private long nanos;
  private long numbers;

  private record Task(long at, long number, Runnable run) {}

  @Override
  public synchronized Instant now() {
    return ORIGIN.plusNanos(nanos);
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized Timer schedule(Duration delay, Runnable run) {
    Task task = new Task(nanos + Math.max(0, delay.toNanos()), numbers++, run);
    tasks.add(task);
    delays.add(delay);
    return () -> {
      synchronized (this) {
        tasks.remove(task);
      }
    };
  }

  /** How many timers wait. */
  public synchronized int waiting() {
    return tasks.size();
  }

  /** What every timer was set to, whether it fired, waits or was cancelled. */
  public synchronized List<Duration> delays() {
    return List.copyOf(delays);
  }

  public void advance(Duration by) {
    long end = nanos() + by.toNanos();
    for (Task due = next(end); due != null; due = next(end)) {
      due.run().run();
    }
    synchronized (this) {
      nanos = end;
    }
  }

  private synchronized Task next(long end) {
    Task first = tasks.peek();
    if (first == null || first.at() > end) {
      return null;
    }
    tasks.remove();
    nanos = Math.max(nanos, first.at());
    return first;
  }
}
