package dev.tributary;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Objects;

/**
 * How a queue redelivers failed jobs, and a consumer the messages that its handler failed at. Made by {@link #builder}.
 *
 * @param maxAttempts deliveries after which it becomes a dead letter; 0 for unlimited
 * @param initialBackoff the wait after the first failure, positive
 * @param maxBackoff the longest wait, at least the initial one
 * @param multiplier the growth of {@link Strategy#EXPONENTIAL}, positive
 * @param strategy how the wait grows
 */
public record RedeliveryPolicy(
    int maxAttempts, Duration initialBackoff, Duration maxBackoff, double multiplier, Strategy strategy) {
  /** 3 attempts; 1 s, doubling, up to a minute. */
  public static final RedeliveryPolicy DEFAULT =
      new RedeliveryPolicy(3, Duration.ofSeconds(1), Duration.ofMinutes(1), 2.0, Strategy.EXPONENTIAL);

  public RedeliveryPolicy {
    if (maxAttempts < 0) {
      throw InvalidRequestException.of("max attempts " + maxAttempts + " is negative", "Use 0 for unlimited");
    }
    if (initialBackoff.isNegative() || initialBackoff.isZero()) {
      throw InvalidRequestException.of("initial backoff " + initialBackoff + " is not positive", "Give a positive duration");
    }
    if (maxBackoff.compareTo(initialBackoff) < 0) {
      throw InvalidRequestException.of(
          "max backoff " + maxBackoff + " is below the initial " + initialBackoff, "Give at least the initial backoff");
    }
    if (!(multiplier > 0) || Double.isInfinite(multiplier)) {
      throw InvalidRequestException.of("multiplier " + multiplier + " is not positive", "Use 2.0 to double");
    }
    Objects.requireNonNull(strategy, "strategy");
  }

  /** The defaults with this limit. */
  public static RedeliveryPolicy maxAttempts(int attempts) {
    return builder().maxAttempts(attempts).build();
  }

  /** The defaults with a constant wait. */
  public static RedeliveryPolicy fixedBackoff(Duration backoff) {
    return builder().fixedBackoff(backoff).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of this policy. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** The wait after this many failed attempts, at least 1. */
  public Duration backoff(int failedAttempts) {
    double factor =
        switch (strategy) {
          case FIXED -> 1;
          case LINEAR -> failedAttempts;
          case EXPONENTIAL -> Math.pow(multiplier, failedAttempts - 1.0);
        };
    double millis = initialBackoff.toMillis() * factor;
    return millis >= maxBackoff.toMillis() ? maxBackoff : Duration.ofNanos((long) (initialBackoff.toNanos() * factor));
  }

  /** How the wait grows with the failed attempts. */
  public enum Strategy {
    /** Always the initial backoff. */
    FIXED,
    /** The initial backoff times the failed attempts. */
    LINEAR,
    /** The initial backoff times the multiplier to the power of the failed attempts less one. */
    EXPONENTIAL
  }

  /** Gathers a {@link RedeliveryPolicy}. Not thread-safe. */
  public static final class Builder {
    private int maxAttempts;
    private Duration initialBackoff;
    private Duration maxBackoff;
    private double multiplier;
    private Strategy strategy;

    private Builder(RedeliveryPolicy policy) {
      maxAttempts = policy.maxAttempts;
      initialBackoff = policy.initialBackoff;
      maxBackoff = policy.maxBackoff;
      multiplier = policy.multiplier;
      strategy = policy.strategy;
    }

    /** Deliveries after which a job becomes a dead letter; 0 for unlimited. */
    public Builder maxAttempts(int attempts) {
      this.maxAttempts = attempts;
      return this;
    }

    /** The wait after the first failure, positive. */
    public Builder initialBackoff(Duration backoff) {
      this.initialBackoff = backoff;
      return this;
    }

    /** The longest wait, at least the initial one. */
    public Builder maxBackoff(Duration backoff) {
      this.maxBackoff = backoff;
      return this;
    }

    /** The growth of {@link Strategy#EXPONENTIAL}, positive. */
    public Builder multiplier(double multiplier) {
      this.multiplier = multiplier;
      return this;
    }

    /** How the wait grows. */
    public Builder strategy(Strategy strategy) {
      this.strategy = strategy;
      return this;
    }

    /** Always the same wait, positive. */
    public Builder fixedBackoff(Duration backoff) {
      return strategy(Strategy.FIXED).initialBackoff(backoff).maxBackoff(backoff);
    }

    /** The policy. */
    public RedeliveryPolicy build() {
      return new RedeliveryPolicy(maxAttempts, initialBackoff, maxBackoff, multiplier, strategy);
    }
  }
}
