package dev.tributary.queue;

import dev.tributary.error.UndecodableException;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A job or event that failed for good.
 *
 * @param id names it in {@link DeadLetters#replay}
 * @param value the payload; asking for it throws {@code undecodable} if there is one
 * @param headers its headers, where the backend still has them
 * @param attempts deliveries before it failed for good; empty where the backend does not say
 * @param reason why, where the backend says
 * @param failedAt when, or null where the backend does not say
 * @param undecodable why there is no value, with its bytes: the codec could not decode them; null if it could
 */
public record DeadLetter<T>(
    String id,
    T value,
    Map<String, String> headers,
    OptionalInt attempts,
    String reason,
    @Nullable Instant failedAt,
    @Nullable UndecodableException undecodable) {
  /** One that could be decoded. */
  public DeadLetter(
      String id, T value, Map<String, String> headers, OptionalInt attempts, String reason, @Nullable Instant failedAt) {
    this(id, value, headers, attempts, reason, failedAt, null);
  }

  @Override
  public T value() {
    if (undecodable != null) {
      throw undecodable;
    }
    return value;
  }

  /** The same with another value: what a codec does to it. */
  public <U> DeadLetter<U> withValue(U other) {
    return new DeadLetter<>(id, other, headers, attempts, reason, failedAt);
  }

  /** The same without a value, because the codec could not decode it. */
  @SuppressWarnings("NullAway") // value() throws then
  public <U> DeadLetter<U> withoutValue(UndecodableException why) {
    return new DeadLetter<>(id, null, headers, attempts, reason, failedAt, why);
  }
}
