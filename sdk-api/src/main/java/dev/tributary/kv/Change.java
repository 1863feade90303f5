package dev.tributary.kv;

import dev.tributary.error.UndecodableException;
import org.jspecify.annotations.Nullable;

/**
 * A change that a watch saw.
 *
 * @param kind what happened
 * @param key to which key
 * @param value the new value; null unless {@code kind} is {@link Kind#PUT}; asking for it throws {@code undecodable} if there is one
 * @param revision the revision the change made
 * @param undecodable why there is no value, with its bytes: the codec could not decode them; null if it could
 */
public record Change<T>(
    Kind kind, String key, @Nullable T value, long revision, @Nullable UndecodableException undecodable) {
  /** One that could be decoded. */
  public Change(Kind kind, String key, @Nullable T value, long revision) {
    this(kind, key, value, revision, null);
  }

  @Override
  public @Nullable T value() {
    if (undecodable != null) {
      throw undecodable;
    }
    return value;
  }

  /** What can happen to a key. */
  public enum Kind {
    /** It has a new value. */
    PUT,
    /** It was deleted. */
    DELETED,
    /** Its time ran out. */
    EXPIRED
  }
}
