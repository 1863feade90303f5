package dev.tributary.queue;

import dev.tributary.error.UndecodableException;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A job that was looked at without being leased.
 *
 * @param id the backend's id
 * @param value the payload; asking for it throws {@code undecodable} if there is one
 * @param headers its headers; empty if none
 * @param attempts deliveries so far
 * @param maxAttempts deliveries after which it becomes a dead letter; empty for unlimited or where the backend does not say
 * @param priority as enqueued
 * @param enqueuedAt when it was enqueued; null where the backend does not say
 * @param leased whether somebody is working on it
 * @param leaseDeadline when that lease ends; null if it is not leased or the backend does not say
 * @param partition where it is; 0 where queues have no partitions
 * @param producer its number among its producer's jobs; null if it has none or the backend does not say
 * @param undecodable why there is no value, with its bytes: the codec could not decode them; null if it could
 */
public record PeekedJob<T>(
    String id,
    T value,
    Map<String, String> headers,
    int attempts,
    OptionalInt maxAttempts,
    int priority,
    @Nullable Instant enqueuedAt,
    boolean leased,
    @Nullable Instant leaseDeadline,
    int partition,
    @Nullable ProducerSequence producer,
    @Nullable UndecodableException undecodable) {
  /** One that could be decoded. */
  public PeekedJob(
      String id,
      T value,
      Map<String, String> headers,
      int attempts,
      OptionalInt maxAttempts,
      int priority,
      @Nullable Instant enqueuedAt,
      boolean leased,
      @Nullable Instant leaseDeadline,
      int partition,
      @Nullable ProducerSequence producer) {
    this(id, value, headers, attempts, maxAttempts, priority, enqueuedAt, leased, leaseDeadline, partition, producer, null);
  }

  @Override
  public T value() {
    if (undecodable != null) {
      throw undecodable;
    }
    return value;
  }

  /** The same with another value: what a codec does to it. */
  public <U> PeekedJob<U> withValue(U other) {
    return new PeekedJob<>(id, other, headers, attempts, maxAttempts, priority, enqueuedAt, leased, leaseDeadline, partition, producer);
  }

  /** The same without a value, because the codec could not decode it. */
  @SuppressWarnings("NullAway") // value() throws then
  public <U> PeekedJob<U> withoutValue(UndecodableException why) {
    return new PeekedJob<>(id, null, headers, attempts, maxAttempts, priority, enqueuedAt, leased, leaseDeadline, partition, producer, why);
  }
}
