package dev.tributary.stream;

import dev.tributary.error.UndecodableException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event as it was read.
 *
 * @param value the payload; asking for it throws {@code undecodable} if there is one
 * @param key the key it was published with, or null; {@code key.text()} for its text
 * @param headers its headers; empty if none
 * @param partition from 0
 * @param offset from 0, ascending in a partition, not necessarily without gaps
 * @param timestamp when the backend stored it; null where the backend does not keep that
 * @param priority as published; 0 is normal
 * @param undecodable why there is no value, with its bytes: the codec could not decode them; null if it could
 */
public record Message<T>(
    T value,
    @Nullable EventKey key,
    Map<String, String> headers,
    int partition,
    long offset,
    @Nullable Instant timestamp,
    int priority,
    @Nullable UndecodableException undecodable) {
  /** One that could be decoded. */
  public Message(
      T value,
      @Nullable EventKey key,
      Map<String, String> headers,
      int partition,
      long offset,
      @Nullable Instant timestamp,
      int priority) {
    this(value, key, headers, partition, offset, timestamp, priority, null);
  }

  @Override
  public T value() {
    if (undecodable != null) {
      throw undecodable;
    }
    return value;
  }

  /** The same with another value: what a codec does to it. */
  public <U> Message<U> withValue(U other) {
    return new Message<>(other, key, headers, partition, offset, timestamp, priority);
  }

  /** The same without a value, because the codec could not decode it. */
  @SuppressWarnings("NullAway") // value() throws then
  public <U> Message<U> withoutValue(UndecodableException why) {
    return new Message<>(null, key, headers, partition, offset, timestamp, priority, why);
  }

  /** Where it was read. */
  public Position position() {
    return new Position(partition, offset);
  }
}
