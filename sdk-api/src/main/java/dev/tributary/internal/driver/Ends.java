package dev.tributary.internal.driver;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.stream.OffsetReset;
import java.util.OptionalLong;

/**
 * The ends of a partition.
 *
 * @param earliest the first offset that is still there
 * @param next the offset that the next message will have; 0 if there never was any
 */
public record Ends(long earliest, long next) {
  /** The offset of the last message, if there is one. */
  public OptionalLong latest() {
    return next == 0 ? OptionalLong.empty() : OptionalLong.of(next - 1);
  }

  /** Whether one can read on there: neither before the first message that is kept, nor behind the end. */
  public boolean has(long position) {
    return position >= earliest && position <= next;
  }

  /**
   * Where to read on instead of a position that is not there any more.
   *
   * @param partition which, for people
   * @throws OffsetOutOfRangeException if that is not to be
   */
  public long instead(OffsetReset reset, String partition, long position) {
    return switch (reset) {
      case FAIL -> throw new OffsetOutOfRangeException(
          ErrorInfo.of(
              partition + " has offsets " + earliest + " to " + (next - 1) + ", and was to be read on at " + position,
              position > next ? "The server lost data; begin at a place that it has" : "Messages became too old unread; begin at a place that it has"));
      case EARLIEST -> earliest;
      case LATEST -> next;
    };
  }
}
