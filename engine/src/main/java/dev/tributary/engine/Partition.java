package dev.tributary.engine;

import dev.tributary.admin.Retention;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One partition: events in the order of their offsets. Expired ones are not seen; their offsets are not used again. What goes past the
 * retention is removed from the front, at a cost for each event that does not depend on how many there are.
 */
final class Partition {
  /** Taking removed ones out of the list moves all that stay, so it is done for many at once. */
  private static final int COMPACT = 256;

  private final int number;
  private final Clock clock;
  private final Retention retention;
  /** With nothing in the first {@link #head} places. */
  private final List<@Nullable StoredEvent> events = new ArrayList<>();
  /** The offset of the first place. */
  private long base;
  private int head;
  /** What retention has removed lies before this. */
  private long floor;
  private long bytes;
  private boolean mortal;

  Partition(int number, Clock clock, Retention retention) {
    this.number = number;
    this.clock = clock;
    this.retention = retention;
  }

  int number() {
    return number;
  }

  void append(StoredEvent event) {
    event.store(end(), clock, retention.maxAge());
    mortal |= event.mortal();
    events.add(event);
    bytes += event.bytes();
    trim();
  }

  /** Leaves out an offset: nothing is ever read there. */
  long skip() {
    long free = end();
    events.add(StoredEvent.hole(free));
    mortal = true;
    return free;
  }

  /** Takes an event away. */
  void remove(StoredEvent event) {
    event.remove();
    mortal = true;
  }

  /** The offset that the next event gets. */
  long end() {
    return base + events.size();
  }

  /** The first offset that retention has left: who still wants one before it has missed something. */
  long floor() {
    trim();
    return floor;
  }

  /** The first event from this offset on, or null. */
  @Nullable StoredEvent from(long offset) {
    long now = clock.nanos();
    for (int i = index(offset); i < events.size(); i++) {
      StoredEvent event = at(i);
      if (event.alive(now)) {
        return event;
      }
    }
    return null;
  }

  /** The offset of the first event; the end if there is none. */
  long first() {
    StoredEvent first = from(base);
    return first == null ? end() : first.offset();
  }

  /**
   * The offset of the last event, whatever became of it since: whoever read it asks by this whether the partition is the one that it was.
   */
  OptionalLong latest() {
    for (int i = events.size() - 1; i >= head; i--) {
      if (!at(i).isHole()) {
        return OptionalLong.of(at(i).offset());
      }
    }
    return base + head == 0 ? OptionalLong.empty() : OptionalLong.of(base + head - 1);
  }

  /** The offset of the first event stored at this time or later; the end if there is none. */
  long at(Instant time) {
    for (StoredEvent event = from(base); event != null; event = from(event.offset() + 1)) {
      if (!event.storedAt().isBefore(time)) {
        return event.offset();
      }
    }
    return end();
  }

  /** How many events there are from this offset on. */
  long count(long offset) {
    int start = index(offset);
    if (!mortal) {
      return events.size() - start;
    }
    long now = clock.nanos();
    return events.subList(start, events.size()).stream().filter(event -> event != null && event.alive(now)).count();
  }

  private StoredEvent at(int index) {
    return java.util.Objects.requireNonNull(events.get(index));
  }

  private int index(long offset) {
    trim();
    return (int) Math.min(events.size(), Math.max(head, offset - base));
  }

  /** Removes from the front what is dead or too much. */
  private void trim() {
    long now = mortal ? clock.nanos() : 0;
    while (head < events.size()) {
      StoredEvent event = at(head);
      boolean surplus = surplus();
      if (!surplus && (!mortal || event.alive(now))) {
        break;
      }
      if (surplus || !event.kept(now)) {
        floor = event.offset() + 1;
      }
      bytes -= event.bytes();
      events.set(head++, null);
    }
    if (head >= COMPACT && head >= events.size() / 2) {
      events.subList(0, head).clear();
      base += head;
      head = 0;
    }
  }

  private boolean surplus() {
    int count = events.size() - head;
    return count > 1
        && (count > retention.maxMessages().orElse(Long.MAX_VALUE) || bytes > retention.maxBytes().orElse(Long.MAX_VALUE));
  }
}
