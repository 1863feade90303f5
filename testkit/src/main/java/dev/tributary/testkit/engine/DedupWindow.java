package dev.tributary.testkit.engine;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** What was stored lately under a deduplication id. The window of an id starts when it is first stored. */
final class DedupWindow<T> {
  private final Clock clock;
  private final Duration length;
  // All windows are of one length, so the oldest ends first.
  private final LinkedHashMap<String, Remembered<T>> byId = new LinkedHashMap<>();

  DedupWindow(Clock clock, Duration length) {
    this.clock = clock;
    this.length = length;
  }

  /** What is stored under this id, or null. */
  @Nullable T find(@Nullable String id) {
    if (id == null) {
      return null;
    }
    forget();
    Remembered<T> known = byId.get(id);
    return known == null ? null : known.what;
  }

  void remember(@Nullable String id, T what) {
    if (id != null) {
      byId.put(id, new Remembered<>(what, clock.in(length)));
    }
  }

  private void forget() {
    long now = clock.nanos();
    Iterator<Remembered<T>> oldest = byId.values().iterator();
    while (oldest.hasNext() && oldest.next().until <= now) {
      oldest.remove();
    }
  }

  private record Remembered<T>(T what, long until) {}
}
