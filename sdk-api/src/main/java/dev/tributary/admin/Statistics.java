package dev.tributary.admin;

import dev.tributary.ResourceName;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The counters of the server that was asked, at one moment; they begin anew when it starts, except where it says otherwise.
 *
 * @param node the server's name of itself
 * @param uptime how long it runs
 * @param bytes what its streams take
 * @param streams one entry for each stream, by name
 * @param delays what became of delayed events
 * @param settlements what became of leased jobs
 */
public record Statistics(
    String node, Duration uptime, long bytes, List<OfStream> streams, Delays delays, Settlements settlements) {
  public Statistics {
    streams = List.copyOf(streams);
  }

  /**
   * The counters of one stream.
   *
   * @param name which stream
   * @param partitions how many partitions it has
   * @param messages how many messages it has, by its offsets; some backends count those that wait for their time, and places where
   *     nothing is read
   * @param bytes what they take
   * @param delayed how many wait for their time
   * @param byPriority how many were published with each priority, in our numbers; without those of which there was none
   */
  public record OfStream(
      ResourceName name, int partitions, long messages, long bytes, long delayed, Map<Integer, Long> byPriority) {
    public OfStream {
      byPriority = Map.copyOf(byPriority);
    }
  }

  /**
   * Delayed events.
   *
   * @param scheduled how many there were
   * @param delivered how many became readable
   * @param cancelled how many were cancelled
   * @param pending how many wait
   */
  public record Delays(long scheduled, long delivered, long cancelled, long pending) {}

  /**
   * Leased jobs.
   *
   * @param acked how many were acked
   * @param nacked how many were nacked
   * @param rejected how many were rejected
   * @param expired how many leases ended by themselves
   * @param deadLettered how many became dead letters
   * @param inFlight how many are leased
   */
  public record Settlements(long acked, long nacked, long rejected, long expired, long deadLettered, long inFlight) {}
}
