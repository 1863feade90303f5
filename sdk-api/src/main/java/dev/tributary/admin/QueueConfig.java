package dev.tributary.admin;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.queue.RedeliveryPolicy;
import java.time.Duration;
import java.util.Objects;

/**
 * How a queue is made.
 *
 * @param partitions at least 1
 * @param lease the lease when a consumer asks for none
 * @param redelivery what happens to failed jobs
 */
public record QueueConfig(int partitions, Duration lease, RedeliveryPolicy redelivery) {
  /** One partition, a lease of 30 s, the default redelivery. */
  public static final QueueConfig DEFAULT = new QueueConfig(1, Duration.ofSeconds(30), RedeliveryPolicy.DEFAULT);

  public QueueConfig {
    if (partitions < 1) {
      throw InvalidRequestException.of("a queue of " + partitions + " partitions", "Give at least 1");
    }
    if (lease.isNegative() || lease.isZero()) {
      throw InvalidRequestException.of("lease " + lease + " is not positive", "Give a positive duration");
    }
    Objects.requireNonNull(redelivery, "redelivery");
  }
}
