package dev.tributary.nats.wire;

import java.time.Instant;

/**
 * What the address of an ack says of a delivery.
 *
 * @param attempt 1 on first delivery
 * @param streamSeq the sequence in the stream
 * @param time when it was stored
 * @param pending how many more are there for the consumer
 */
public record Delivery(int attempt, long streamSeq, Instant time, long pending) {
  private static final int TOKENS = 9;

  /** Reads the address: {@code $JS.ACK.}, maybe a domain and an account, then stream, consumer and five numbers. */
  public static Delivery parse(String address) {
    String[] tokens = address.split("\\.");
    if (tokens.length < TOKENS || !address.startsWith("$JS.ACK.")) {
      throw new IllegalArgumentException("\"" + address + "\" is no address of an ack");
    }
    int from = tokens.length == TOKENS ? 4 : 6;
    long nanos = Long.parseLong(tokens[from + 3]);
    return new Delivery(
        (int) Math.min(Integer.MAX_VALUE, Long.parseLong(tokens[from])),
        Long.parseLong(tokens[from + 1]),
        Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000),
        Long.parseLong(tokens[from + 4]));
  }
}
