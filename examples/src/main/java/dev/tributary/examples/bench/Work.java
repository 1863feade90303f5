package dev.tributary.examples.bench;

import java.time.Duration;
import java.util.Arrays;

/**
 * What every subject has to do alike.
 *
 * @param payload of every event, job and value
 * @param credits jobs that a consumer holds at most
 * @param taken messages that a subscription takes, jobs that a consumer of pushed ones does
 */
public record Work(byte[] payload, int credits, int taken) {
  /** How long a job is leased. */
  public static final Duration LEASE = Duration.ofSeconds(30);
  /** How long a call may take. */
  public static final Duration TIMEOUT = Duration.ofSeconds(30);

  static Work of(int payloadBytes, int credits, int taken) {
    byte[] payload = new byte[payloadBytes];
    Arrays.fill(payload, (byte) 'x');
    return new Work(payload, credits, taken);
  }
}
