package dev.tributary;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a transaction is begun.
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

  /** The defaults with a producer name. */
  public static TransactionOptions producer(String producer) {
    return new TransactionOptions(producer, DEFAULT.timeout);
  }

  /** The same with another timeout. */
  public TransactionOptions withTimeout(Duration timeout) {
    return new TransactionOptions(producer, timeout);
  }
}
