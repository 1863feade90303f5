package dev.tributary.trace;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to a message.
 *
 * @param id the server's name of it
 * @param parent what it followed from; null for the first
 * @param event what happened: {@code publish.received} for instance
 * @param time when
 * @param group the group that was concerned, or null
 * @param consumer who read it, or null
 * @param duration how long it took; null if that was not measured
 * @param error what went wrong; null if nothing did
 * @param attributes whatever else the server wrote down
 */
public record TraceSpan(
    String id,
    @Nullable String parent,
    String event,
    Instant time,
    @Nullable String group,
    @Nullable String consumer,
    @Nullable Duration duration,
    @Nullable String error,
    Map<String, String> attributes) {
  public TraceSpan {
    attributes = Map.copyOf(attributes);
  }
}
