package dev.tributary.testkit.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One partition: events in the order of their offsets. Expired ones are not seen; their offsets are not used again. */
final class Partition {
  /** Dropping from the front moves all that stay, so it is done for many at once. */
  private static final int DROP = 256;

  private final Clock clock;
  private final @Nullable Duration retention;
  private final List<StoredEvent> events = new ArrayList<>();
  private long base;
  private boolean mortal;

  Partition(Clock clock, @Nullable Duration retention) {
    this.clock = clock;
    this.retention = retention;
  }

  void append(StoredEvent event) {
    event.store(end(), clock, retention);
    mortal |= event.mortal();
    drop();
    events.add(event);
  }

  /** Leaves out an offset: nothing is ever read there. */
  long skip() {
    long free = end();
    events.add(StoredEvent.hole(free));
    mortal = true;
    return free;
  }

  /** The offset that the next event gets. */
  long end() {
    return base + events.size();
  }

  /** The first event from this offset on, or null. */
  @Nullable StoredEvent from(long offset) {
    long now = clock.nanos();
    for (int i = index(offset); i < events.size(); i++) {
      StoredEvent event = events.get(i);
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

  /** The offset of the last event. */
  OptionalLong latest() {
    long now = clock.nanos();
    for (int i = events.size() - 1; i >= 0; i--) {
      if (events.get(i).alive(now)) {
        return OptionalLong.of(events.get(i).offset());
      }
    }
    return OptionalLong.empty();
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
    return events.subList(start, events.size()).stream().filter(event -> event.alive(now)).count();
  }

  private int index(long offset) {
    return (int) Math.min(events.size(), Math.max(0, offset - base));
  }

  private void drop() {
    if (!mortal || events.size() < DROP) {
      return;
    }
    long now = clock.nanos();
    int dead = 0;
    while (dead < events.size() && !events.get(dead).alive(now)) {
      dead++;
    }
    if (dead >= DROP) {
      events.subList(0, dead).clear();
      base += dead;
    }
  }
}
