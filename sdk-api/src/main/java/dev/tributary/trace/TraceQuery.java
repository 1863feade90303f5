package dev.tributary.trace;

import dev.tributary.error.InvalidRequestException;
import java.time.Instant;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which traces to look for. All conditions hold together; those that are not set hold for every trace.
 *
 * @param stream only of this stream, or null
 * @param partition only of this partition
 * @param group only of messages this group read, or null
 * @param from only what began at this time or later, or null; only together with {@code to}
 * @param to only what began before this time, or null; only together with {@code from}
 * @param status only those that stand like this, or null
 * @param limit at most this many, at least 1; the latest first
 */
public record TraceQuery(
    @Nullable String stream,
    OptionalInt partition,
    @Nullable String group,
    @Nullable Instant from,
    @Nullable Instant to,
    @Nullable TraceStatus status,
    int limit) {
  /** The latest 100. */
  public static final TraceQuery LATEST = new TraceQuery(null, OptionalInt.empty(), null, null, null, null, 100);

  public TraceQuery {
    if (limit < 1) {
      throw InvalidRequestException.of("a limit of " + limit + " traces", "Give at least 1");
    }
    if (partition.isPresent() && partition.getAsInt() < 0) {
      throw InvalidRequestException.of("partition " + partition.getAsInt() + " is negative", "Leave it out for all of them");
    }
    if ((from == null) != (to == null)) {
      throw InvalidRequestException.of("only one end of the time range", "Give both ends, or none");
    }
  }

  /** Of this stream. */
  public static TraceQuery stream(String stream) {
    return new TraceQuery(stream, OptionalInt.empty(), null, null, null, null, LATEST.limit);
  }

  /** The same, of this partition only. */
  public TraceQuery withPartition(int only) {
    return new TraceQuery(stream, OptionalInt.of(only), group, from, to, status, limit);
  }

  /** The same, of messages this group read only. */
  public TraceQuery withGroup(String only) {
    return new TraceQuery(stream, partition, only, from, to, status, limit);
  }

  /** The same, of what began in this time only. */
  public TraceQuery between(Instant first, Instant end) {
    return new TraceQuery(stream, partition, group, first, end, status, limit);
  }

  /** The same, of those that stand like this only. */
  public TraceQuery withStatus(TraceStatus only) {
    return new TraceQuery(stream, partition, group, from, to, only, limit);
  }

  /** The same, with another limit. */
  public TraceQuery withLimit(int most) {
    return new TraceQuery(stream, partition, group, from, to, status, most);
  }
}
