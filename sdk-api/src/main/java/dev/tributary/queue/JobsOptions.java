package dev.tributary.queue;

import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How jobs are streamed by {@code jobs}. Made by {@link #builder}.
 *
 * @param lease how long a job is ours, positive
 * @param renew whether leases are extended until the job is settled, where the backend can
 * @param maxLease how long a job may be held by renewing in all; at least the lease
 * @param onState told of every change of state, on the callback executor
 */
public record JobsOptions(Duration lease, boolean renew, Duration maxLease, Consumer<SubscriptionState> onState) {
  /** A lease of 30 s, renewed for up to an hour. */
  public static final JobsOptions DEFAULT = new JobsOptions(Duration.ofSeconds(30), true, Duration.ofHours(1), state -> {});

  public JobsOptions {
    if (lease.isNegative() || lease.isZero()) {
      throw InvalidRequestException.of("lease " + lease + " is not positive", "Give the time that handling a job may take");
    }
    if (maxLease.compareTo(lease) < 0) {
      throw InvalidRequestException.of("max lease " + maxLease + " is below the lease " + lease, "Give at least the lease");
    }
    Objects.requireNonNull(onState, "onState");
  }

  /** The defaults with this lease. */
  public static JobsOptions lease(Duration lease) {
    return builder().lease(lease).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of these options. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers {@link JobsOptions}. Not thread-safe. */
  public static final class Builder {
    private Duration lease;
    private boolean renew;
    private Duration maxLease;
    private boolean capped;
    private Consumer<SubscriptionState> onState;

    private Builder(JobsOptions options) {
      lease = options.lease;
      renew = options.renew;
      maxLease = options.maxLease;
      onState = options.onState;
    }

    /** How long a job is ours before it is renewed, positive. */
    public Builder lease(Duration lease) {
      this.lease = lease;
      return this;
    }

    /** Extends leases until the job is settled, up to this long in all, which is at least the lease. */
    public Builder renewal(Duration maxLease) {
      this.renew = true;
      this.maxLease = maxLease;
      this.capped = true;
      return this;
    }

    /** Never extends a lease. */
    public Builder withoutRenewal() {
      this.renew = false;
      return this;
    }

    /** Told of every change of state, on the callback executor. */
    public Builder onState(Consumer<SubscriptionState> listener) {
      this.onState = listener;
      return this;
    }

    /** The options; a cap that was not set here is raised to the lease if it is lower, and without renewal the lease is the cap. */
    public JobsOptions build() {
      boolean keepsCap = renew && (capped || maxLease.compareTo(lease) > 0);
      return new JobsOptions(lease, renew, keepsCap ? maxLease : lease, onState);
    }
  }
}
