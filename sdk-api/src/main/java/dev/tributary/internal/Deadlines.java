package dev.tributary.internal;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Ends calls at their deadline. Calls whose deadlines lie within one {@link TimeSource#resolution()} share a timer: a timer for
 * every call would wake its thread for every call.
 */
final class Deadlines {
  private static final System.Logger LOG = System.getLogger("dev.tributary.client");

  /** An empty timer that is due later than this is not kept for others to join: hours of them would add up. */
  private static final long KEEP_NANOS = Duration.ofMinutes(1).toNanos();

  private final TimeSource time;
  private final long step;
  private final ConcurrentHashMap<Long, Slot> slots = new ConcurrentHashMap<>();
  /** The slot of the last call: mostly that of the next one too, found without boxing its key. */
  private volatile @Nullable Slot latest;

  Deadlines(TimeSource time) {
    this.time = time;
    this.step = Math.max(1, time.resolution().toNanos());
  }

  /** Runs {@code waiting.expire()} after {@code remainingNanos}, unless the entry is removed before. */
  Entry add(long remainingNanos, Expiring waiting) {
    long now = time.nanos();
    long key = Math.floorDiv(now + Math.max(0, remainingNanos) + step - 1, step);
    while (true) {
      Slot slot = latest;
      if (slot == null || slot.key != key) {
        slot = slot(key, now);
        latest = slot;
      }
      Entry entry = slot.add(waiting);
      if (entry != null) {
        return entry;
      }
      // The slot is gone, and out of the map since: what is due is due now, else there will be another.
      latest = null;
      if (key * step <= time.nanos()) {
        waiting.expire();
        return new Entry(slot, waiting);
      }
    }
  }

  private Slot slot(long key, long now) {
    Slot slot = slots.get(key);
    if (slot != null) {
      return slot;
    }
    Slot fresh = new Slot(key);
    Slot other = slots.putIfAbsent(key, fresh);
    if (other != null) {
      return other;
    }
    fresh.arm(Duration.ofNanos(Math.max(0, key * step - now)));
    return fresh;
  }

  /** What waits for its deadline now. */
  List<Expiring> waiting() {
    List<Expiring> all = new ArrayList<>();
    for (Slot slot : slots.values()) {
      slot.addTo(all);
    }
    return all;
  }

  /** No more calls are expected: no timer waits for any. */
  void close() {
    slots.values().forEach(Slot::drop);
  }

  /** What ends at a deadline. */
  interface Expiring {
    /** On the timer's thread; must not block. */
    void expire();
  }

  /** A call that waits for its deadline. */
  static final class Entry {
    private final Slot slot;
    private final Expiring waiting;
    private @Nullable Entry previous;
    private @Nullable Entry next;
    private boolean linked;

    private Entry(Slot slot, Expiring waiting) {
      this.slot = slot;
      this.waiting = waiting;
    }

    /** The call completed; its deadline no longer matters. */
    void remove() {
      slot.remove(this);
    }
  }

  private final class Slot {
    private final long key;
    private @Nullable Entry first;
    private boolean fired;
    private TimeSource.@Nullable Timer timer;

    Slot(long key) {
      this.key = key;
    }

    void arm(Duration delay) {
      TimeSource.Timer armed = time.schedule(delay, this::fire);
      boolean empty;
      synchronized (this) {
        timer = armed;
        empty = fired;
      }
      if (empty) {
        armed.cancel();
      }
    }

    synchronized @Nullable Entry add(Expiring waiting) {
      if (fired) {
        return null;
      }
      Entry entry = new Entry(this, waiting);
      entry.next = first;
      if (first != null) {
        first.previous = entry;
      }
      first = entry;
      entry.linked = true;
      return entry;
    }

    synchronized void addTo(List<Expiring> all) {
      for (Entry entry = first; entry != null; entry = entry.next) {
        all.add(entry.waiting);
      }
    }

    void remove(Entry entry) {
      if (unlink(entry) && key * step - time.nanos() > KEEP_NANOS) {
        drop();
      }
    }

    /** Whether that leaves nothing. */
    private synchronized boolean unlink(Entry entry) {
      if (!entry.linked) {
        return false;
      }
      entry.linked = false;
      Entry before = entry.previous;
      Entry after = entry.next;
      if (before == null) {
        first = after;
      } else {
        before.next = after;
      }
      if (after != null) {
        after.previous = before;
      }
      // A call that is over must not keep others from being collected.
      entry.previous = null;
      entry.next = null;
      // A slot that empties soon before its time keeps its timer: under load the next call joins it.
      return first == null;
    }

    private void drop() {
      slots.remove(key, this);
      boolean empty;
      TimeSource.Timer armed;
      synchronized (this) {
        empty = first == null && !fired;
        fired |= empty;
        armed = timer;
      }
      // If a call joined in the meantime the timer serves it, unseen by others.
      if (empty && armed != null) {
        armed.cancel();
      }
    }

    void fire() {
      slots.remove(key, this);
      Entry due;
      synchronized (this) {
        fired = true;
        due = first;
        first = null;
        for (Entry e = due; e != null; e = e.next) {
          e.linked = false;
        }
      }
      while (due != null) {
        Entry following = due.next;
        try {
          due.waiting.expire();
        } catch (Throwable thrown) {
          LOG.log(System.Logger.Level.ERROR, "A call could not be ended at its deadline; the others are", thrown);
        }
        due = following;
      }
    }
  }
}
