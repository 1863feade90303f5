package dev.tributary.spi;

import java.time.Duration;

/**
 * The numbers a backend sets. The client splits, rounds up or refuses by them.
 *
 * @param maxBatch most events or jobs in one call
 * @param maxBatchBytes most payload and header bytes in one call
 * @param maxPayloadBytes largest payload
 * @param minPayloadBytes smallest payload: 1 where empty ones are refused
 * @param maxReceive most jobs or messages asked for in one call
 * @param step the smallest unit of delays, leases and ttls
 * @param maxDelay longest delay
 * @param maxLease longest lease
 * @param maxTtl longest ttl
 * @param maxExtensions how often a lease can be extended; 0 for any number
 * @param maxWait how long a receive may wait at the backend; zero if it must not, then the client polls
 */
public record Limits(
    int maxBatch,
    int maxBatchBytes,
    int maxPayloadBytes,
    int minPayloadBytes,
    int maxReceive,
    Duration step,
    Duration maxDelay,
    Duration maxLease,
    Duration maxTtl,
    int maxExtensions,
    Duration maxWait) {
  private static final Duration FOREVER = Duration.ofDays(365L * 100);

  /** Room for everything that memory holds. */
  public static final Limits NONE =
      new Limits(
          10_000, 64 << 20, 64 << 20, 0, 10_000, Duration.ofNanos(1), FOREVER, FOREVER, FOREVER, 0, FOREVER);
}
