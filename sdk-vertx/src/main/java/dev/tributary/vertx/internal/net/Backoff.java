package dev.tributary.vertx.internal.net;

import dev.tributary.config.Retry;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between tries: exponential with full jitter. Not thread-safe. */
final class Backoff {
  private final Retry retry;
  private int failures;

  Backoff(Retry retry) {
    this.retry = retry;
  }

  /** One more failure: how long to wait now. */
  Duration next() {
    failures = Math.min(failures + 1, 1_000);
    return Duration.ofNanos(ThreadLocalRandom.current().nextLong(retry.ceiling(failures).toNanos() + 1));
  }

  /** It worked. */
  void reset() {
    failures = 0;
  }
}
