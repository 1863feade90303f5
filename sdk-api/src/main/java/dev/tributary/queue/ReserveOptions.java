package dev.tributary.queue;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;

/**
 * How jobs are taken by {@code reserve} and {@code receive}. Made by {@link #builder}.
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

  /** The defaults with this lease. */
  public static ReserveOptions lease(Duration lease) {
    return builder().lease(lease).build();
  }

  /** The defaults with this wait. */
  public static ReserveOptions maxWait(Duration maxWait) {
    return builder().maxWait(maxWait).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of these options. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers {@link ReserveOptions}. Not thread-safe. */
  public static final class Builder {
    private Duration lease;
    private Duration maxWait;

    private Builder(ReserveOptions options) {
      lease = options.lease;
      maxWait = options.maxWait;
    }

    /** How long the job is ours, positive. */
    public Builder lease(Duration lease) {
      this.lease = lease;
      return this;
    }

    /** How long to wait for a job when none is ready; zero for not at all. */
    public Builder maxWait(Duration maxWait) {
      this.maxWait = maxWait;
      return this;
    }

    /** The options. */
    public ReserveOptions build() {
      return new ReserveOptions(lease, maxWait);
    }
  }
}
