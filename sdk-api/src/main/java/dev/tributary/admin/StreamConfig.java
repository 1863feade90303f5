package dev.tributary.admin;

import dev.tributary.error.InvalidRequestException;
import java.util.Objects;

/**
 * How a stream is made. Made by {@link #builder}.
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

  /** The defaults with this many partitions. */
  public static StreamConfig partitions(int partitions) {
    return builder().partitions(partitions).build();
  }

  /** The defaults with this retention. */
  public static StreamConfig retention(Retention retention) {
    return builder().retention(retention).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of this. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers a {@link StreamConfig}. Not thread-safe. */
  public static final class Builder {
    private int partitions;
    private Retention retention;

    private Builder(StreamConfig config) {
      partitions = config.partitions;
      retention = config.retention;
    }

    /** How many partitions, at least 1. */
    public Builder partitions(int partitions) {
      this.partitions = partitions;
      return this;
    }

    /** How much of it is kept. */
    public Builder retention(Retention retention) {
      this.retention = retention;
      return this;
    }

    /** The configuration. */
    public StreamConfig build() {
      return new StreamConfig(partitions, retention);
    }
  }
}
