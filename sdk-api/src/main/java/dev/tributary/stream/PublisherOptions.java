package dev.tributary.stream;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;

/**
 * How an {@link EventPublisher} batches.
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

  /** The same with other batch limits. */
  public PublisherOptions withBatch(int events, int bytes) {
    return new PublisherOptions(events, bytes, linger, maxInFlightEvents, maxInFlightBytes);
  }

  /** The same with another linger. */
  public PublisherOptions withLinger(Duration linger) {
    return new PublisherOptions(maxBatchEvents, maxBatchBytes, linger, maxInFlightEvents, maxInFlightBytes);
  }

  /** The same with other in-flight limits. */
  public PublisherOptions withInFlight(int events, long bytes) {
    return new PublisherOptions(maxBatchEvents, maxBatchBytes, linger, events, bytes);
  }
}
