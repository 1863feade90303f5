package dev.tributary.spi;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Set;

/**
 * What a consumer of a group wants to receive.
 *
 * @param group for which group
 * @param consumer who: told to those who look at a dead letter, and bounded by what the backend lets one consumer have
 * @param partitions these only; empty for all
 * @param max most messages together, at least 1
 * @param maxOfPartition most messages of each partition, at least 1
 * @param lease how long they are the consumer's
 * @param redelivery how often and when they come again if this delivery fails
 * @param maxWait how long to wait at the backend if there is nothing, at most {@link Limits#maxWait()}
 */
public record ReceiveSpec(
    String group,
    String consumer,
    Set<Integer> partitions,
    int max,
    int maxOfPartition,
    Duration lease,
    RedeliveryPolicy redelivery,
    Duration maxWait) {
  public ReceiveSpec {
    if (max < 1 || maxOfPartition < 1) {
      throw InvalidRequestException.of(max + " messages, " + maxOfPartition + " of a partition", "Ask for at least 1");
    } else if (lease.isNegative() || lease.isZero()) {
      throw InvalidRequestException.of("a lease of " + lease, "Give a positive duration");
    }
    partitions = Set.copyOf(partitions);
  }

  /** The same with another wait. */
  public ReceiveSpec withMaxWait(Duration other) {
    return new ReceiveSpec(group, consumer, partitions, max, maxOfPartition, lease, redelivery, other);
  }
}
