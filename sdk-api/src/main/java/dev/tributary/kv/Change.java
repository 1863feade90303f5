package dev.tributary.kv;

import org.jspecify.annotations.Nullable;

/**
 * A change that a watch saw.
 *
 * @param kind what happened
 * @param key to which key
 * @param value the new value; null unless {@code kind} is {@link Kind#PUT}
 * @param revision the revision the change made
 */
public record Change<T>(Kind kind, String key, @Nullable T value, long revision) {
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
