package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** A bucket of tokens for every client: so many requests at once, and so many more in the long run. Thread-safe. */
final class RateLimit {
  static final int PER_MINUTE = 1000;
  static final int BURST = 100;

  private static final double NANOS_A_TOKEN = (double) Duration.ofMinutes(1).toNanos() / PER_MINUTE;
  /** The one who was quiet for longest is forgotten first. */
  private static final int CLIENTS = 10_000;

  private final TimeSource time;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > CLIENTS;
        }
      };

  private static final class Bucket {
    private double tokens = BURST;
    private long filledAt;

    Bucket(long now) {
      filledAt = now;
    }
  }

  /**
   * What becomes of a request.
   *
   * @param granted whether it is served
   * @param remaining how many more would be served at once
   * @param full when there will be a whole burst again
   */
  record Turn(boolean granted, int remaining, Instant full) {}

  RateLimit(TimeSource time) {
    this.time = time;
  }

  synchronized Turn take(String client) {
    long now = time.nanos();
    Bucket bucket = buckets.computeIfAbsent(client, first -> new Bucket(now));
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.filledAt) / NANOS_A_TOKEN);
    bucket.filledAt = now;
    boolean granted = bucket.tokens >= 1;
    if (granted) {
      bucket.tokens--;
    }
    Instant full = time.now().plusNanos((long) Math.ceil((BURST - bucket.tokens) * NANOS_A_TOKEN));
    return new Turn(granted, (int) bucket.tokens, full);
  }
}
