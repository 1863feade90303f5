package dev.tributary.queue;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;

/**
 * How jobs are taken by {@code reserve} and {@code receive}.
 *
 * @param lease how long the job is ours, positive
 * @param maxWait how long to wait for a job when none is ready; zero for not at all. Adds to the client's deadline
 */
public record ReserveOptions(Duration lease, Duration maxWait) {
  /** A lease of 30 s, no wait. */
  public static final ReserveOptions DEFAULT = new ReserveOptions(Duration.ofSeconds(30), Duration.ZERO);

  public ReserveOptions {
    if (lease.isNegative() || lease.isZero()) {
      throw InvalidRequestException.of("lease " + lease + " is not positive", "Give the time that handling a job may take");
    }
    if (maxWait.isNegative()) {
      throw InvalidRequestException.of("max wait " + maxWait + " is negative", "Use Duration.ZERO not to wait");
    }
  }

  /** The same with another lease. */
  public ReserveOptions withLease(Duration lease) {
    return new ReserveOptions(lease, maxWait);
  }

  /** The same with another wait. */
  public ReserveOptions withMaxWait(Duration maxWait) {
    return new ReserveOptions(lease, maxWait);
  }
}
