package dev.tributary.trace;

import dev.tributary.ResourceName;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * What became of one message.
 *
 * @param id the server's name of the trace
 * @param stream where the message is
 * @param partition its partition
 * @param offset its offset; empty if it has none
 * @param start when the first thing happened to it
 * @param end when the last thing happened to it so far
 * @param status how it stands
 * @param spanCount how many things happened to it
 * @param spans what happened to it, in order; empty in the results of a search
 */
public record Trace(
    String id,
    ResourceName stream,
    int partition,
    OptionalLong offset,
    Instant start,
    Instant end,
    TraceStatus status,
    int spanCount,
    List<TraceSpan> spans) {
  public Trace {
    spans = List.copyOf(spans);
  }
}
