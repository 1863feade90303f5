package dev.tributary.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A job leased to this consumer. It comes back to the queue when the lease ends, when it is nacked, or when its consumer dies.
 *
 * <p>Settle it once, by {@link #ack}, {@link #nack}, {@link #release} or {@link #reject}. The same verb again returns the first future; another one
 * fails with {@code LeaseLostException}. Thread-safe.
 */
public interface Job<T> {
  /** The backend's id. */
  String id();

  /** The payload. */
  T value();

  /** Headers; empty if none. */
  Map<String, String> headers();

  /** 1 on first delivery. */
  int attempt();

  /** Deliveries after which it becomes a dead letter; empty for unlimited or where the backend does not say. */
  OptionalInt maxAttempts();

  /** As enqueued; 0 is normal. */
  int priority();

  /** When it was enqueued; null where the backend does not say. */
  @Nullable Instant enqueuedAt();

  /** When the lease ends, as of the last extension; null where leases do not end. */
  @Nullable Instant leaseDeadline();

  /**
   * Whether the lease ends within this time from now, by the client's clock, or has ended already; false where leases do not end. Tells
   * work that takes long when to {@link #extend}; a worker does that by itself.
   */
  boolean leaseEndsWithin(Duration time);

  /** Its place in the order of enqueueing, where the backend counts. */
  OptionalLong sequence();

  /** Where it is; 0 where queues have no partitions. */
  int partition();

  /** Its number among its producer's jobs; null if it has none or the backend does not say. */
  @Nullable ProducerSequence producer();

  /** Done: removes the job. Fails with {@code LeaseLostException} if it was no longer ours. */
  CompletableFuture<Void> ack();

  /** Not done: redelivers it after the backoff of the queue's policy. */
  CompletableFuture<NackOutcome> nack();

  /** Not done: redelivers it after this delay, rounded up where the backend is coarser. */
  CompletableFuture<NackOutcome> nack(Duration delay);

  /** Not done: redelivers it after this delay (null for the policy's backoff); the reason is kept where the backend keeps one. */
  CompletableFuture<NackOutcome> nack(@Nullable Duration delay, String reason);

  /**
   * Not begun: gives it back as if it had never been delivered, ready at once. No attempt is counted, no reason recorded, where the backend has
   * {@code JOB_RELEASE}; elsewhere another consumer of this client gets it first, as the same delivery, and only a job that none of them takes
   * goes back to the backend, which may count an attempt.
   */
  CompletableFuture<Void> release();

  /** Never: makes it a dead letter at once, whatever attempts are left. */
  CompletableFuture<Void> reject(String reason);

  /**
   * Moves the end of the lease to now plus this long, rounded up where the backend is coarser.
   *
   * @return the new end of the lease
   */
  CompletableFuture<Instant> extend(Duration lease);
}
