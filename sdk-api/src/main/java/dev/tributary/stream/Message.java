package dev.tributary.stream;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event as it was read.
 *
 * @param value the payload
 * @param key the key it was published with, or null
 * @param headers its headers; empty if none
 * @param partition from 0
 * @param offset from 0, ascending in a partition, not necessarily without gaps
 * @param timestamp when the backend stored it; null where the backend does not keep that
 * @param priority as published; 0 is normal
 */
public record Message<T>(
    T value,
    @Nullable String key,
    Map<String, String> headers,
    int partition,
    long offset,
    @Nullable Instant timestamp,
    int priority) {

  /** Where it was read. */
  public Position position() {
    return new Position(partition, offset);
  }

  /** The same message with another value: what a codec does to it. */
  public <U> Message<U> withValue(U other) {
    return new Message<>(other, key, headers, partition, offset, timestamp, priority);
  }
}
