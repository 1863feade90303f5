package dev.tributary.queue;

import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Worker} works. Immutable. Defaults: 1 job at a time, a lease of 30 s renewed for up to an hour, backoff by the
 * queue's policy, handlers on threads of the client's own, which may block.
 */
public final class WorkerOptions {
  /** 1 job at a time, a lease of 30 s, renewed for up to an hour. */
  public static final WorkerOptions DEFAULT = builder().build();

  private final int concurrency;
  private final Duration lease;
  private final boolean renew;
  private final Duration maxLease;
  private final @Nullable Backoff backoff;
  private final @Nullable Duration drainTimeout;
  private final @Nullable Executor executor;
  private final Consumer<SubscriptionState> onState;

  private WorkerOptions(Builder b) {
    concurrency = b.concurrency;
    lease = b.lease;
    renew = b.renew;
    maxLease = b.maxLease.compareTo(b.lease) < 0 ? b.lease : b.maxLease;
    backoff = b.backoff;
    drainTimeout = b.drainTimeout;
    executor = b.executor;
    onState = b.onState;
  }

  /** The defaults with this many jobs at a time. */
  public static WorkerOptions concurrency(int jobs) {
    return builder().concurrency(jobs).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that begins with everything of these options. */
  public Builder toBuilder() {
    Builder b = new Builder();
    b.concurrency = concurrency;
    b.lease = lease;
    b.renew = renew;
    b.maxLease = maxLease;
    b.backoff = backoff;
    b.drainTimeout = drainTimeout;
    b.executor = executor;
    b.onState = onState;
    return b;
  }

  /** How many jobs run side by side; also how many are leased at most. */
  public int concurrency() {
    return concurrency;
  }

  /** How long a job is ours before it is renewed. */
  public Duration lease() {
    return lease;
  }

  /** Whether leases are extended while the handler runs, where the backend can. */
  public boolean renew() {
    return renew;
  }

  /** How long a job may be held by renewing in all; after that the lease runs out. */
  public Duration maxLease() {
    return maxLease;
  }

  /** How long a failed job waits; null for the queue's policy. */
  public @Nullable Backoff backoff() {
    return backoff;
  }

  /** How long a close waits for running handlers; what still runs then is given back. Null for most of the time that the close has. */
  public @Nullable Duration drainTimeout() {
    return drainTimeout;
  }

  /** Where handlers are called; null for threads of the client's own, as many as run side by side. */
  public @Nullable Executor executor() {
    return executor;
  }

  /** Told of every change of state, on the callback executor. */
  public Consumer<SubscriptionState> onState() {
    return onState;
  }

  /** How long a failed job waits before it is delivered again. */
  @FunctionalInterface
  public interface Backoff {
    /**
     * The delay before the next delivery.
     *
     * @param attempt the attempt that failed, 1 for the first
     * @param failure what the handler failed with
     */
    Duration delay(int attempt, Throwable failure);
  }

  /** Gathers {@link WorkerOptions}. Not thread-safe. */
  public static final class Builder {
    private int concurrency = 1;
    private Duration lease = Duration.ofSeconds(30);
    private boolean renew = true;
    private Duration maxLease = Duration.ofHours(1);
    private @Nullable Backoff backoff;
    private @Nullable Duration drainTimeout;
    private @Nullable Executor executor;
    private Consumer<SubscriptionState> onState = state -> {};

    private Builder() {}

    /** How many jobs run side by side, at least 1. */
    public Builder concurrency(int jobs) {
      if (jobs < 1) {
        throw InvalidRequestException.of("concurrency " + jobs + " is less than 1", "Give at least 1");
      }
      this.concurrency = jobs;
      return this;
    }

    /** How long a job is ours before it is renewed, positive. */
    public Builder lease(Duration lease) {
      if (lease.isNegative() || lease.isZero()) {
        throw InvalidRequestException.of("lease " + lease + " is not positive", "Give the time that handling a job may take");
      }
      this.lease = lease;
      return this;
    }

    /** Extends leases while the handler runs, up to this long in all. */
    public Builder renewal(Duration maxLease) {
      this.renew = true;
      this.maxLease = Objects.requireNonNull(maxLease, "maxLease");
      return this;
    }

    /** Never extends a lease. */
    public Builder withoutRenewal() {
      this.renew = false;
      return this;
    }

    /** How long a failed job waits, in place of the queue's policy. */
    public Builder backoff(Backoff backoff) {
      this.backoff = Objects.requireNonNull(backoff, "backoff");
      return this;
    }

    /** How long a close waits for running handlers, at most; by default most of the time that the close has. */
    public Builder drainTimeout(Duration timeout) {
      if (timeout.isNegative()) {
        throw InvalidRequestException.of("drain timeout " + timeout + " is negative", "Use Duration.ZERO not to wait");
      }
      this.drainTimeout = timeout;
      return this;
    }

    /** Where handlers are called; by default on threads of the client's own, which may block. What it refuses is given back untried. */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /** Told of every change of state, on the callback executor. */
    public Builder onState(Consumer<SubscriptionState> listener) {
      this.onState = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** The options. */
    public WorkerOptions build() {
      return new WorkerOptions(this);
    }
  }
}
