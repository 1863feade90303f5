package dev.tributary.vertx.internal.source;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Which offsets of one partition are done with, and how far they are without a gap. Kept as spans, so that it grows only with the gaps
 * between them: at most {@link #MOST}, beyond which the lowest is forgotten. Not thread-safe.
 */
public final class OffsetRanges {
  static final int MOST = 10_000;

  /** From each offset up to the one before this. Spans neither overlap nor touch. */
  private final TreeMap<Long, Long> spans = new TreeMap<>();

  /** This one is. */
  public void finish(long offset) {
    finish(offset, offset + 1);
  }

  /** All of these are; nothing happens if there are none. */
  public void finish(long from, long end) {
    if (from >= end) {
      return;
    }
    long start = from;
    long stop = end;
    for (Map.Entry<Long, Long> other = spans.floorEntry(stop); other != null && other.getValue() >= start; other = spans.floorEntry(stop)) {
      start = Math.min(start, other.getKey());
      stop = Math.max(stop, other.getValue());
      spans.remove(other.getKey());
    }
    spans.put(start, stop);
    if (spans.size() > MOST) {
      spans.pollFirstEntry();
    }
  }

  /** Whether this one is. */
  public boolean finished(long offset) {
    Map.Entry<Long, Long> span = spans.floorEntry(offset);
    return span != null && span.getValue() > offset;
  }

  /** How far it goes on from here without a gap: the first that is not done with. */
  public long from(long base) {
    Map.Entry<Long, Long> span = spans.floorEntry(base);
    return span != null && span.getValue() > base ? span.getValue() : base;
  }

  /** Each span, and the offset behind it. */
  public void forEach(BiConsumer<Long, Long> span) {
    spans.forEach(span);
  }

  /** How many of these are. */
  public long count(long from, long end) {
    long count = 0;
    for (Map.Entry<Long, Long> span : spans.headMap(end).entrySet()) {
      count += Math.max(0, Math.min(span.getValue(), end) - Math.max(span.getKey(), from));
    }
    return count;
  }
}
