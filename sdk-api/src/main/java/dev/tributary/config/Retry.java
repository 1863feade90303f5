package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;

/**
 * How calls that may be repeated are repeated: exponential backoff with full jitter, within the call's one deadline. Made by {@link #builder}.
 *
 * @param maxAttempts tries in all; 1 for no retry
 * @param initialBackoff the upper end of the first pause, positive
 * @param maxBackoff the longest pause
 * @param multiplier the growth of the pause, at least 1
 */
public record Retry(int maxAttempts, Duration initialBackoff, Duration maxBackoff, double multiplier) {
  /** As often as the deadline allows; 100 ms, doubling, up to 5 s. */
  public static final Retry DEFAULT = new Retry(Integer.MAX_VALUE, Duration.ofMillis(100), Duration.ofSeconds(5), 2.0);

  /** Each call is tried once. */
  public static final Retry NONE = new Retry(1, Duration.ofMillis(100), Duration.ofSeconds(5), 2.0);

  public Retry {
    if (maxAttempts < 1) {
      throw InvalidRequestException.of("retry with " + maxAttempts + " attempts", "Use 1 for no retry");
    }
    if (initialBackoff.isNegative() || initialBackoff.isZero() || maxBackoff.compareTo(initialBackoff) < 0) {
      throw InvalidRequestException.of(
          "retry backoff from " + initialBackoff + " to " + maxBackoff, "Give a positive initial backoff and a maximum not below it");
    }
    if (!(multiplier >= 1) || Double.isInfinite(multiplier)) {
      throw InvalidRequestException.of("retry multiplier " + multiplier, "Use at least 1");
    }
  }

  /** The defaults with this number of tries. */
  public static Retry maxAttempts(int attempts) {
    return builder().maxAttempts(attempts).build();
  }

  /** The defaults with these pauses. */
  public static Retry backoff(Duration initial, Duration max) {
    return builder().backoff(initial, max).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of this. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** The upper end of the pause after this many failed tries, at least 1; the pause is a random part of it. */
  public Duration ceiling(int failedTries) {
    double seconds = seconds(initialBackoff) * Math.pow(multiplier, failedTries - 1.0);
    // In seconds: three hundred years of nanoseconds are more than a long holds.
    return seconds >= seconds(maxBackoff) ? maxBackoff : Duration.ofSeconds((long) seconds, (long) (seconds % 1 * 1e9));
  }

  private static double seconds(Duration duration) {
    return duration.getSeconds() + duration.getNano() / 1e9;
  }

  /** Gathers a {@link Retry}. Not thread-safe. */
  public static final class Builder {
    private int maxAttempts;
    private Duration initialBackoff;
    private Duration maxBackoff;
    private double multiplier;

    private Builder(Retry retry) {
      maxAttempts = retry.maxAttempts;
      initialBackoff = retry.initialBackoff;
      maxBackoff = retry.maxBackoff;
      multiplier = retry.multiplier;
    }

    /** Tries in all, at least 1; 1 for no retry. */
    public Builder maxAttempts(int attempts) {
      this.maxAttempts = attempts;
      return this;
    }

    /** The upper end of the first pause, positive, and the longest pause, not below it. */
    public Builder backoff(Duration initial, Duration max) {
      this.initialBackoff = initial;
      this.maxBackoff = max;
      return this;
    }

    /** The growth of the pause, at least 1. */
    public Builder multiplier(double multiplier) {
      this.multiplier = multiplier;
      return this;
    }

    /** The retry. */
    public Retry build() {
      return new Retry(maxAttempts, initialBackoff, maxBackoff, multiplier);
    }
  }
}
