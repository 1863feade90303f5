package dev.tributary.queue;

import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How jobs are streamed by {@code jobs}.
 *
 * @param lease how long a job is ours, positive
 * @param renew whether leases are extended until the job is settled, where the backend can
 * @param maxLease how long a job may be held by renewing in all
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

  /** The same with another lease; the cap is raised to it if it is lower. */
  public JobsOptions withLease(Duration lease) {
    return new JobsOptions(lease, renew, maxLease.compareTo(lease) < 0 ? lease : maxLease, onState);
  }

  /** The same with renewal up to this cap. */
  public JobsOptions withRenewal(Duration maxLease) {
    return new JobsOptions(lease, true, maxLease, onState);
  }

  /** The same without renewal. */
  public JobsOptions withoutRenewal() {
    return new JobsOptions(lease, false, maxLease, onState);
  }

  /** The same with another listener. */
  public JobsOptions withOnState(Consumer<SubscriptionState> listener) {
    return new JobsOptions(lease, renew, maxLease, listener);
  }
}
