package dev.tributary.engine;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What was stored lately under a key. The window of a key starts when it is first stored; too many, and the oldest ends early. */
final class DedupWindow<K, T> {
  private static final int MOST = 1_000_000;

  private final Clock clock;
  private final Duration length;
  private final Consumer<K> onForget;
  // All windows are of one length, so the oldest ends first.
  private final LinkedHashMap<K, Remembered<T>> byKey = new LinkedHashMap<>();

  DedupWindow(Clock clock, Duration length) {
    this(clock, length, forgotten -> {});
  }

  /** Tells of every key that it forgets. */
  DedupWindow(Clock clock, Duration length, Consumer<K> onForget) {
    this.clock = clock;
    this.length = length;
    this.onForget = onForget;
  }

  /** What is stored under this key, or null. */
  @Nullable T find(@Nullable K key) {
    if (key == null) {
      return null;
    }
    forgetOld();
    Remembered<T> known = byKey.get(key);
    return known == null ? null : known.what;
  }

  void remember(@Nullable K key, T what) {
    if (key != null) {
      byKey.put(key, new Remembered<>(what, clock.in(length)));
      if (byKey.size() > MOST) {
        forget(byKey.keySet().iterator().next());
      }
    }
  }

  void forget(K key) {
    byKey.remove(key);
    onForget.accept(key);
  }

  private void forgetOld() {
    long now = clock.nanos();
    while (!byKey.isEmpty()) {
      Map.Entry<K, Remembered<T>> oldest = byKey.entrySet().iterator().next();
      if (oldest.getValue().until > now) {
        return;
      }
      forget(oldest.getKey());
    }
  }

  private record Remembered<T>(T what, long until) {}
}
