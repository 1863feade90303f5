package dev.tributary.trace;

import dev.tributary.error.InvalidRequestException;
import java.time.Instant;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which traces to look for. All conditions hold together; those that are not set hold for every trace. Made by
 * {@link #builder}.
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

  /** The latest 100 of this stream. */
  public static TraceQuery stream(String stream) {
    return builder().stream(stream).build();
  }

  /** A builder for the latest 100. */
  public static Builder builder() {
    return LATEST.toBuilder();
  }

  /** A builder that begins with everything of this query. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers a {@link TraceQuery}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String stream;
    private OptionalInt partition;
    private @Nullable String group;
    private @Nullable Instant from;
    private @Nullable Instant to;
    private @Nullable TraceStatus status;
    private int limit;

    private Builder(TraceQuery query) {
      stream = query.stream;
      partition = query.partition;
      group = query.group;
      from = query.from;
      to = query.to;
      status = query.status;
      limit = query.limit;
    }

    /** Only of this stream. */
    public Builder stream(String only) {
      this.stream = only;
      return this;
    }

    /** Only of this partition, from 0. */
    public Builder partition(int only) {
      this.partition = OptionalInt.of(only);
      return this;
    }

    /** Only of messages this group read. */
    public Builder group(String only) {
      this.group = only;
      return this;
    }

    /** Only what began in this time: at the first moment or later, before the end. */
    public Builder between(Instant first, Instant end) {
      this.from = first;
      this.to = end;
      return this;
    }

    /** Only those that stand like this. */
    public Builder status(TraceStatus only) {
      this.status = only;
      return this;
    }

    /** At most this many, at least 1; 100 by default. */
    public Builder limit(int most) {
      this.limit = most;
      return this;
    }

    /** The query. */
    public TraceQuery build() {
      return new TraceQuery(stream, partition, group, from, to, status, limit);
    }
  }
}
