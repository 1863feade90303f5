package dev.tributary.admin;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is made.
 *
 * @param partitions at least 1
 * @param retention how much of it is kept
 */
public record StreamConfig(int partitions, Retention retention) {
  /** One partition, the backend's retention. */
  public static final StreamConfig DEFAULT = new StreamConfig(1, Retention.DEFAULT);

  public StreamConfig {
    if (partitions < 1) {
      throw InvalidRequestException.of("a stream of " + partitions + " partitions", "Give at least 1");
    }
    Objects.requireNonNull(retention, "retention");
  }

  /** With messages kept for so long; null for the backend's default. */
  public StreamConfig(int partitions, @Nullable Duration retention) {
    this(partitions, new Retention(retention, 0, 0));
  }

  /** This many partitions. */
  public static StreamConfig partitions(int partitions) {
    return new StreamConfig(partitions, Retention.DEFAULT);
  }
}
