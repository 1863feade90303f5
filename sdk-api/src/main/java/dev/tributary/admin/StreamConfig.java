package dev.tributary.admin;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is made.
 *
 * @param partitions at least 1
 * @param retention how long messages are kept; null for the backend's default
 */
public record StreamConfig(int partitions, @Nullable Duration retention) {
  /** One partition, the backend's retention. */
  public static final StreamConfig DEFAULT = new StreamConfig(1, null);

  public StreamConfig {
    if (partitions < 1) {
      throw InvalidRequestException.of("a stream of " + partitions + " partitions", "Give at least 1");
    }
    if (retention != null && (retention.isNegative() || retention.isZero())) {
      throw InvalidRequestException.of("retention " + retention + " is not positive", "Leave it out for the backend's default");
    }
  }

  /** This many partitions. */
  public static StreamConfig partitions(int partitions) {
    return new StreamConfig(partitions, null);
  }
}
