package dev.tributary.kv;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key with what is known of its value.
 *
 * @param key the key
 * @param value the value
 * @param revision grows with every change of the key; what {@code replace} compares
 * @param expiresAt when it expires, or null for never
 */
public record Entry<T>(String key, T value, long revision, @Nullable Instant expiresAt) {
  /** The same with another value: what a codec does to it. */
  public <U> Entry<U> withValue(U other) {
    return new Entry<>(key, other, revision, expiresAt);
  }
}
