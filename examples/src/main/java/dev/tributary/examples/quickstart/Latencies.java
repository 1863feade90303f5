package dev.tributary.examples.quickstart;

import java.util.concurrent.ConcurrentLinkedQueue;

/** How long things took. Thread-safe. */
public final class Latencies {
  private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();

  /** Adds what has passed since {@code startNanos} of {@link System#nanoTime()}. */
  public void since(long startNanos) {
    nanos.add(System.nanoTime() - startNanos);
  }

  /** The given percentile, 0 to 100, in milliseconds; 0 if there is nothing. */
  public double percentile(double percent) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return 0;
    }
    int index = (int) Math.ceil(percent / 100 * sorted.length) - 1;
    return sorted[Math.max(0, index)] / 1e6;
  }
}
