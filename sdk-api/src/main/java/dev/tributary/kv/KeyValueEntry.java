package dev.tributary.kv;

import dev.tributary.error.UndecodableException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key with what is known of its value.
 *
 * @param key the key
 * @param value the value; asking for it throws {@code undecodable} if there is one
 * @param revision grows with every change of the key; what {@code replace} compares
 * @param expiresAt when it expires, or null for never
 * @param undecodable why there is no value, with its bytes: the codec could not decode them; null if it could
 */
public record KeyValueEntry<T>(String key, T value, long revision, @Nullable Instant expiresAt, @Nullable UndecodableException undecodable) {
  /** One that could be decoded. */
  public KeyValueEntry(String key, T value, long revision, @Nullable Instant expiresAt) {
    this(key, value, revision, expiresAt, null);
  }

  @Override
  public T value() {
    if (undecodable != null) {
      throw undecodable;
    }
    return value;
  }

  /** The same with another value: what a codec does to it. */
  public <U> KeyValueEntry<U> withValue(U other) {
    return new KeyValueEntry<>(key, other, revision, expiresAt);
  }

  /** The same without a value, because the codec could not decode it. */
  @SuppressWarnings("NullAway") // value() throws then
  public <U> KeyValueEntry<U> withoutValue(UndecodableException why) {
    return new KeyValueEntry<>(key, null, revision, expiresAt, why);
  }
}
