package dev.tributary.engine;

import dev.tributary.filter.EventFilter;
import org.jspecify.annotations.Nullable;

/**
 * Looks for events of a partition that a reader wants. Others wait while it looks, so it looks at no more than so much at a time, and nothing is made of
 * what is not wanted. Used inside the gate.
 */
final class Scan {
  private static final int MOST_EVENTS = 1_000;
  private static final long MOST_BYTES = 4 << 20;

  private final Partition partition;
  private final @Nullable EventFilter filter;
  private long place;
  private int events;
  private long bytes;

  Scan(Partition partition, long place, @Nullable EventFilter filter) {
    this.partition = partition;
    this.filter = filter;
    this.place = place;
  }

  /** The next that is wanted; null if there is none, or if it has looked at enough. It stays the next until it is taken. */
  @Nullable StoredEvent next() {
    for (StoredEvent event = partition.from(place); event != null; event = partition.from(place)) {
      if (event.passes(filter)) {
        return event;
      }
      place = event.offset() + 1;
      bytes += event.bytes();
      if (++events == MOST_EVENTS || bytes > MOST_BYTES) {
        return null;
      }
    }
    // All there is has expired, or is not wanted: not to be looked at again.
    place = Math.max(place, partition.end());
    return null;
  }

  /** It has been taken. */
  void take(StoredEvent event) {
    place = event.offset() + 1;
  }

  /** Where to look on. */
  long place() {
    return place;
  }
}
