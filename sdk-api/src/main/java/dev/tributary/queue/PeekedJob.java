package dev.tributary.queue;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job that was looked at without being leased.
 *
 * @param id the backend's id
 * @param value the payload
 * @param headers its headers; empty if none
 * @param attempts deliveries so far
 * @param priority as enqueued
 * @param enqueuedAt when it was enqueued; null where the backend does not say
 * @param leased whether somebody is working on it
 */
public record PeekedJob<T>(
    String id,
    T value,
    Map<String, String> headers,
    int attempts,
    int priority,
    @Nullable Instant enqueuedAt,
    boolean leased) {
  /** The same with another value: what a codec does to it. */
  public <U> PeekedJob<U> withValue(U other) {
    return new PeekedJob<>(id, other, headers, attempts, priority, enqueuedAt, leased);
  }
}
