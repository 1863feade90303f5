package dev.tributary.testkit.server;

import dev.tributary.error.InvalidRequestException;
import java.time.Duration;

/**
 * What clients may make an {@link EmbeddedServer} hold and wait for. Sizes and times are of the wire and of real time, whatever the
 * server's clock is. Bounds of single messages are the protocol's own; these bound their sum.
 *
 * <p>Where room is short, what holds most of it or has waited longest for its client makes room first, so that other clients are served.
 *
 * @param heldBytes bytes of requests that are held at once, over all connections: those that have not arrived completely and those whose
 *     answers are under way. A request that would go beyond is refused: with 503, or RESOURCE_EXHAUSTED
 * @param connections connections at once
 * @param streams requests at once on a connection of HTTP/2
 * @param headerBytes bytes of a request's headers, and of its first line
 * @param headerTime how long a client may take to send a request's headers, from their first byte, or from the connection on
 * @param bodyTime how long it may take to send the rest of a request, or of a message of a stream
 * @param idleTime how long a connection may be without a request
 */
public record ServerLimits(
    long heldBytes, int connections, int streams, int headerBytes, Duration headerTime, Duration bodyTime, Duration idleTime) {
  /** The shortest time that can be kept to. */
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private static final Duration LONGEST = Duration.ofDays(365);

  /** 64 MiB, 10,000 connections, 1,000 streams, 16 KiB of headers; 10 s for headers, 30 s for bodies, 60 s without a request. */
  public static final ServerLimits DEFAULT =
      new ServerLimits(64L << 20, 10_000, 1_000, 16 << 10, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60));

  /** Checks them: each is positive, and times are from 1 ms to 365 days. */
  public ServerLimits {
    positive("held bytes", heldBytes);
    positive("connections", connections);
    positive("streams", streams);
    positive("bytes of headers", headerBytes);
    within("header time", headerTime);
    within("body time", bodyTime);
    within("idle time", idleTime);
  }

  /** The same, with other room for requests. */
  public ServerLimits withHeldBytes(long most) {
    return new ServerLimits(most, connections, streams, headerBytes, headerTime, bodyTime, idleTime);
  }

  /** The same, for other numbers of connections, and of streams on each. */
  public ServerLimits withConnections(int most, int streamsOfEach) {
    return new ServerLimits(heldBytes, most, streamsOfEach, headerBytes, headerTime, bodyTime, idleTime);
  }

  /** The same, for other headers. */
  public ServerLimits withHeaderBytes(int most) {
    return new ServerLimits(heldBytes, connections, streams, most, headerTime, bodyTime, idleTime);
  }

  /** The same, with other times. */
  public ServerLimits withTimes(Duration header, Duration body, Duration idle) {
    return new ServerLimits(heldBytes, connections, streams, headerBytes, header, body, idle);
  }

  private static void positive(String what, long value) {
    if (value < 1) {
      throw InvalidRequestException.of("a server that takes " + value + " " + what, "Give 1 or more");
    }
  }

  private static void within(String what, Duration value) {
    if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
      throw InvalidRequestException.of("a " + what + " of " + value, "Give 1 ms to 365 days");
    }
  }
}
