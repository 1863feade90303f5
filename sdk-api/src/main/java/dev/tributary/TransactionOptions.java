package dev.tributary;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a transaction is begun. Made by {@link #builder}.
 *
 * @param producer a name that outlives the process: a second holder of it fences the first, where the backend fences; null for none
 * @param timeout after which the backend aborts by itself, positive; rounded up where it is coarser
 */
public record TransactionOptions(@Nullable String producer, Duration timeout) {
  /** No producer name, 60 s. */
  public static final TransactionOptions DEFAULT = new TransactionOptions(null, Duration.ofSeconds(60));

  public TransactionOptions {
    if (timeout.isNegative() || timeout.isZero()) {
      throw InvalidRequestException.of("transaction timeout " + timeout + " is not positive", "Give a positive duration");
    }
  }

  /** The defaults with this producer's name. */
  public static TransactionOptions producer(String producer) {
    return builder().producer(producer).build();
  }

  /** The defaults with this timeout. */
  public static TransactionOptions timeout(Duration timeout) {
    return builder().timeout(timeout).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of these options. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers {@link TransactionOptions}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String producer;
    private Duration timeout;

    private Builder(TransactionOptions options) {
      producer = options.producer;
      timeout = options.timeout;
    }

    /** A name that outlives the process, or null for none. */
    public Builder producer(@Nullable String producer) {
      this.producer = producer;
      return this;
    }

    /** After which the backend aborts by itself, positive; rounded up where it is coarser. */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /** The options. */
    public TransactionOptions build() {
      return new TransactionOptions(producer, timeout);
    }
  }
}
