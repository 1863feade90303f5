package dev.tributary.queue;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Objects;

/**
 * How a queue redelivers failed jobs.
 *
 * @param maxAttempts deliveries after which a job becomes a dead letter; 0 for unlimited
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

  /** The same with another limit. */
  public RedeliveryPolicy withMaxAttempts(int attempts) {
    return new RedeliveryPolicy(attempts, initialBackoff, maxBackoff, multiplier, strategy);
  }

  /** The same with a constant wait. */
  public RedeliveryPolicy withFixedBackoff(Duration backoff) {
    return new RedeliveryPolicy(maxAttempts, backoff, backoff, multiplier, Strategy.FIXED);
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
}
