package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.internal.http.TokenBucket;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** A bucket of tokens for every client. Thread-safe. */
final class RateLimit {
  static final int PER_MINUTE = 1000;
  static final int BURST = 100;

  /** The one who was quiet for longest is forgotten first. */
  private static final int CLIENTS = 10_000;

  private final TimeSource time;
  private final Map<String, TokenBucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
          return size() > CLIENTS;
        }
      };

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
    TokenBucket bucket =
        buckets.computeIfAbsent(client, first -> new TokenBucket(time, BURST, PER_MINUTE, Duration.ofMinutes(1)));
    boolean granted = bucket.take();
    return new Turn(granted, bucket.remaining(), time.now().plus(bucket.untilFull()));
  }
}
