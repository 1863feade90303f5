package dev.tributary.queue;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job or event that failed for good.
 *
 * @param id names it in {@link DeadLetters#replay}
 * @param value the payload
 * @param headers its headers, where the backend still has them
 * @param attempts deliveries before it failed for good; 0 where the backend does not say
 * @param reason why, where the backend says
 * @param failedAt when, or null where the backend does not say
 */
public record DeadLetter<T>(
    String id, T value, Map<String, String> headers, int attempts, String reason, @Nullable Instant failedAt) {
  /** The same with another value: what a codec does to it. */
  public <U> DeadLetter<U> withValue(U other) {
    return new DeadLetter<>(id, other, headers, attempts, reason, failedAt);
  }
}
