package dev.tributary.stream;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to replay.
 *
 * @param group the sandbox group that is moved along; on FlowMesh its name begins with {@code _replay_}
 * @param start an offset or a time
 * @param endOffset the last offset to replay, inclusive; null for none
 * @param endTime the last time to replay; null for none. Wins over {@code endOffset}
 */
public record ReplayOptions(String group, StartAt start, @Nullable Long endOffset, @Nullable Instant endTime) {
  public ReplayOptions {
    Objects.requireNonNull(group, "group");
    if (!(start instanceof StartAt.Offset) && !(start instanceof StartAt.Time)) {
      throw new InvalidRequestException(
          ErrorInfo.of("a replay starts at an offset or a time, not at " + start, "Use StartAt.offset or StartAt.time"));
    }
    if (endOffset != null && endOffset < 0) {
      throw new InvalidRequestException(ErrorInfo.of("end offset " + endOffset + " is negative", "Use null for no end"));
    }
  }

  /** From this offset to the end of the stream, wherever that is. */
  public static ReplayOptions from(String group, long offset) {
    return new ReplayOptions(group, StartAt.offset(offset), null, null);
  }

  /** From one offset to another, both inclusive. */
  public static ReplayOptions range(String group, long first, long last) {
    return new ReplayOptions(group, StartAt.offset(first), last, null);
  }
}
