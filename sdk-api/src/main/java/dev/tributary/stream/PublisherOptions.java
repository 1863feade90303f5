package dev.tributary.stream;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;

/**
 * How an {@link EventPublisher} batches. Made by {@link #builder}.
 *
 * @param maxBatchEvents most events in one batch, at least 1; also bounded by the backend
 * @param maxBatchBytes most payload bytes in one batch, at least 1; also bounded by the backend
 * @param linger how long the first event of a batch may wait for company; zero sends as soon as the wire is free
 * @param maxInFlightEvents most events accepted and not yet confirmed
 * @param maxInFlightBytes payload bytes accepted and not yet confirmed from which on nothing more is accepted; the last event may go
 *     past it
 */
public record PublisherOptions(
    int maxBatchEvents, int maxBatchBytes, Duration linger, int maxInFlightEvents, long maxInFlightBytes) {
  /** 1,000 events or 1 MiB a batch, no linger, 10,000 events or 32 MiB in flight. */
  public static final PublisherOptions DEFAULT = new PublisherOptions(1000, 1 << 20, Duration.ZERO, 10_000, 32L << 20);

  public PublisherOptions {
    if (maxBatchEvents < 1 || maxBatchBytes < 1 || maxInFlightEvents < 1 || maxInFlightBytes < 1) {
      throw InvalidRequestException.of("a limit of a publisher is less than 1", "Give at least 1");
    }
    if (linger.isNegative()) {
      throw InvalidRequestException.of("linger " + linger + " is negative", "Use Duration.ZERO to send at once");
    }
  }

  /** The defaults with this linger. */
  public static PublisherOptions linger(Duration linger) {
    return builder().linger(linger).build();
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return DEFAULT.toBuilder();
  }

  /** A builder that begins with everything of these options. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers {@link PublisherOptions}. Not thread-safe. */
  public static final class Builder {
    private int maxBatchEvents;
    private int maxBatchBytes;
    private Duration linger;
    private int maxInFlightEvents;
    private long maxInFlightBytes;

    private Builder(PublisherOptions options) {
      maxBatchEvents = options.maxBatchEvents;
      maxBatchBytes = options.maxBatchBytes;
      linger = options.linger;
      maxInFlightEvents = options.maxInFlightEvents;
      maxInFlightBytes = options.maxInFlightBytes;
    }

    /** Most events in one batch, at least 1. */
    public Builder maxBatchEvents(int events) {
      this.maxBatchEvents = events;
      return this;
    }

    /** Most payload bytes in one batch, at least 1. */
    public Builder maxBatchBytes(int bytes) {
      this.maxBatchBytes = bytes;
      return this;
    }

    /** How long the first event of a batch may wait for company; zero sends as soon as the wire is free. */
    public Builder linger(Duration linger) {
      this.linger = linger;
      return this;
    }

    /** Most events accepted and not yet confirmed, at least 1. */
    public Builder maxInFlightEvents(int events) {
      this.maxInFlightEvents = events;
      return this;
    }

    /** Payload bytes accepted and not yet confirmed from which on nothing more is accepted, at least 1. */
    public Builder maxInFlightBytes(long bytes) {
      this.maxInFlightBytes = bytes;
      return this;
    }

    /** The options. */
    public PublisherOptions build() {
      return new PublisherOptions(maxBatchEvents, maxBatchBytes, linger, maxInFlightEvents, maxInFlightBytes);
    }
  }
}
