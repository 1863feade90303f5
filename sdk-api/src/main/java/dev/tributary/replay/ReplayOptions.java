package dev.tributary.replay;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.stream.StartAt;
import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What to replay. Made by {@link #builder}.
 *
 * @param group the sandbox group that is moved along; on FlowMesh its name begins with {@code _replay_}
 * @param start an offset or a time
 * @param endOffset the last offset to replay, inclusive; empty for none
 * @param endTime the last time to replay; null for none. Wins over {@code endOffset}
 */
public record ReplayOptions(String group, StartAt start, OptionalLong endOffset, @Nullable Instant endTime) {
  public ReplayOptions {
    Objects.requireNonNull(group, "group");
    if (!(start instanceof StartAt.Offset) && !(start instanceof StartAt.Time)) {
      throw new InvalidRequestException(
          ErrorInfo.of("a replay starts at an offset or a time, not at " + start, "Use StartAt.offset or StartAt.time"));
    }
    if (endOffset.isPresent() && endOffset.getAsLong() < 0) {
      throw InvalidRequestException.of("end offset " + endOffset.getAsLong() + " is negative", "Leave it out for no end");
    }
  }

  /** From this offset to the end of the stream, wherever that is. */
  public static ReplayOptions from(String group, long offset) {
    return builder(group, StartAt.offset(offset)).build();
  }

  /** From one offset to another, both inclusive. */
  public static ReplayOptions range(String group, long first, long last) {
    return builder(group, StartAt.offset(first)).endOffset(last).build();
  }

  /** A builder for a replay from an offset or a time to the end of the stream. */
  public static Builder builder(String group, StartAt start) {
    return new Builder(group, start);
  }

  /** A builder that begins with everything of these options. */
  public Builder toBuilder() {
    Builder b = new Builder(group, start);
    b.endOffset = endOffset;
    b.endTime = endTime;
    return b;
  }

  /** Gathers {@link ReplayOptions}. Not thread-safe. */
  public static final class Builder {
    private final String group;
    private final StartAt start;
    private OptionalLong endOffset = OptionalLong.empty();
    private @Nullable Instant endTime;

    private Builder(String group, StartAt start) {
      this.group = group;
      this.start = start;
    }

    /** The last offset to replay, inclusive. */
    public Builder endOffset(long last) {
      this.endOffset = OptionalLong.of(last);
      return this;
    }

    /** The last time to replay; wins over {@link #endOffset}. */
    public Builder endTime(Instant last) {
      this.endTime = last;
      return this;
    }

    /** The options. */
    public ReplayOptions build() {
      return new ReplayOptions(group, start, endOffset, endTime);
    }
  }
}
