package dev.tributary.examples.bench;

import java.nio.charset.StandardCharsets;
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

  /** What only messages have that are wanted. */
  public static final String TENTH = "a tenth";
  static final int OF_WHICH_ONE_IS_WANTED = 10;

  static Work of(int payloadBytes, int credits, int taken) {
    byte[] payload = new byte[payloadBytes];
    Arrays.fill(payload, (byte) 'x');
    return new Work(payload, credits, taken);
  }

  /** A payload as long that has {@link #TENTH} in it. */
  byte[] wanted() {
    byte[] wanted = payload.clone();
    byte[] tenth = TENTH.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(tenth, 0, wanted, wanted.length / 2, tenth.length);
    return wanted;
  }

  /** How many of {@link #taken} messages are. */
  int takenAndWanted() {
    return taken / OF_WHICH_ONE_IS_WANTED;
  }
}
