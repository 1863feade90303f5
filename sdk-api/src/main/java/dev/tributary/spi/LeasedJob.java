package dev.tributary.spi;

import dev.tributary.queue.ProducerSequence;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A job as the backend leased it.
 *
 * @param id the backend's id
 * @param receipt names this one delivery to the backend; opaque, may be empty where the id is enough
 * @param value the payload
 * @param headers its headers; empty if none
 * @param attempt 1 on first delivery
 * @param maxAttempts deliveries after which it becomes a dead letter; empty for unlimited or where the backend does not say
 * @param priority as enqueued; 0 is normal
 * @param enqueuedAt when it was enqueued; null where the backend does not say
 * @param leaseDeadline when the lease ends, by this client's clock and measured from when the job was leased or, at the latest, arrived; null where
 *     leases do not end
 * @param sequence its place in the order of enqueueing, where the backend counts
 * @param partition where it is; 0 where queues have no partitions
 * @param producer its number among its producer's jobs; null if it has none or the backend does not say
 * @param partitionKey the key that chose its partition; null if it has none, or one that is no text, or the backend does not say
 */
public record LeasedJob(
    String id,
    String receipt,
    byte[] value,
    Map<String, String> headers,
    int attempt,
    OptionalInt maxAttempts,
    int priority,
    @Nullable Instant enqueuedAt,
    @Nullable Deadline leaseDeadline,
    OptionalLong sequence,
    int partition,
    @Nullable ProducerSequence producer,
    @Nullable String partitionKey) {
  /** One whose partition key the backend does not say. */
  public LeasedJob(
      String id,
      String receipt,
      byte[] value,
      Map<String, String> headers,
      int attempt,
      OptionalInt maxAttempts,
      int priority,
      @Nullable Instant enqueuedAt,
      @Nullable Deadline leaseDeadline,
      OptionalLong sequence,
      int partition,
      @Nullable ProducerSequence producer) {
    this(
        id,
        receipt,
        value,
        headers,
        attempt,
        maxAttempts,
        priority,
        enqueuedAt,
        leaseDeadline,
        sequence,
        partition,
        producer,
        null);
  }

  /** One of a backend that has no partitions, no producers and no limit per job. */
  public LeasedJob(
      String id,
      String receipt,
      byte[] value,
      Map<String, String> headers,
      int attempt,
      int priority,
      @Nullable Instant enqueuedAt,
      @Nullable Deadline leaseDeadline,
      OptionalLong sequence) {
    this(id, receipt, value, headers, attempt, OptionalInt.empty(), priority, enqueuedAt, leaseDeadline, sequence, 0, null);
  }

  /** One of which is known what names it, and no more: enough to settle what another process received. */
  public static LeasedJob named(String id, String receipt) {
    return new LeasedJob(id, receipt, new byte[0], Map.of(), 1, 0, null, null, OptionalLong.empty());
  }

  /** The same after its lease was extended. */
  public LeasedJob withLeaseDeadline(@Nullable Deadline end) {
    return new LeasedJob(
        id, receipt, value, headers, attempt, maxAttempts, priority, enqueuedAt, end, sequence, partition, producer, partitionKey);
  }
}
