package dev.tributary.testkit.server.goqueue.internal.shipped;

import java.util.Map;
import java.util.TreeMap;

/** Offsets, kept as spans of successive ones. Not thread-safe. */
final class Spans {
  /** Where each span ends, exclusive, by where it begins. No two of them touch. */
  private final TreeMap<Long, Long> ends = new TreeMap<>();

  /** Adds those from one offset to another, exclusive. */
  void add(long from, long to) {
    if (from >= to) {
      return;
    }
    long begin = from;
    long end = to;
    for (Map.Entry<Long, Long> other = ends.floorEntry(end); other != null && other.getValue() >= begin; other = ends.floorEntry(end)) {
      begin = Math.min(begin, other.getKey());
      end = Math.max(end, other.getValue());
      ends.remove(other.getKey());
    }
    ends.put(begin, end);
  }

  /** The first offset from this one on that is not among them. */
  long after(long offset) {
    Map.Entry<Long, Long> span = ends.floorEntry(offset);
    return span == null ? offset : Math.max(offset, span.getValue());
  }

  /** Forgets those before this one. */
  void dropBefore(long offset) {
    long end = after(offset);
    ends.headMap(offset, true).clear();
    add(offset, end);
  }

  /** The first of them; there must be one. */
  long first() {
    return ends.firstKey();
  }

  /** How many spans there are. */
  int size() {
    return ends.size();
  }
}
