package dev.tributary.engine;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything the engine has to do at some time: ends of leases, delays, ttls, waits. Guarded by the {@link Gate}, which runs what is
 * due whenever it is entered, so that no call ever sees a state that should have ended. One timer of the time source serves all.
 */
final class Schedule {
  private final Clock clock;
  private final Runnable onTimer;
  private final TreeSet<Entry> entries = new TreeSet<>(Entry::compareDue);
  private final boolean exact;
  private long count;
  private long armedFor = Clock.NEVER;
  private TimeSource.@Nullable Timer timer;

  Schedule(Clock clock, Runnable onTimer) {
    this.clock = clock;
    this.onTimer = onTimer;
    this.exact = clock.source().resolution().isZero();
  }

  /** Runs the task at this time, inside the gate. */
  Entry at(long due, Runnable task) {
    Entry entry = new Entry(due, count++, task);
    if (due != Clock.NEVER) {
      entries.add(entry);
    }
    return entry;
  }

  void runDue() {
    if (entries.isEmpty()) {
      return;
    }
    long now = clock.nanos();
    while (!entries.isEmpty() && entries.first().due <= now) {
      java.util.Objects.requireNonNull(entries.pollFirst()).task.run();
    }
  }

  /** Sets the timer for what comes next. */
  void arm() {
    if (armedFor != Clock.NEVER && armedFor <= clock.nanos()) {
      disarm();
    }
    long next = entries.isEmpty() ? Clock.NEVER : entries.first().due;
    // A timer that fires too early finds nothing to do. That is cheaper than a new one for every ack, but a test would see it.
    if (next == armedFor || next > armedFor && next != Clock.NEVER && !exact) {
      return;
    }
    disarm();
    if (next != Clock.NEVER) {
      armedFor = next;
      timer = clock.schedule(next, onTimer);
    }
  }

  void clear() {
    entries.clear();
    disarm();
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    armedFor = Clock.NEVER;
  }

  /** Something to do at some time. */
  final class Entry {
    private final long due;
    private final long number;
    private final Runnable task;

    private Entry(long due, long number, Runnable task) {
      this.due = due;
      this.number = number;
      this.task = task;
    }

    private int compareDue(Entry other) {
      return due != other.due ? Long.compare(due, other.due) : Long.compare(number, other.number);
    }

    void cancel() {
      entries.remove(this);
    }
  }
}
