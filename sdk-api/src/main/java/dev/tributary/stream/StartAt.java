package dev.tributary.stream;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import java.time.Instant;
import java.util.Objects;

/**
 * Where reading begins. It is resolved once in each partition and then kept: a member of a group that takes a partition over begins where the
 * member before it did, however often the partition changed hands before the first commit.
 */
public sealed interface StartAt {
  /** At the first message that is still there. */
  static StartAt earliest() {
    return Fixed.EARLIEST;
  }

  /** At the first message published from now on. */
  static StartAt latest() {
    return Fixed.LATEST;
  }

  /** Where the group stopped; at the earliest message if it never committed. Needs a group. */
  static StartAt committed() {
    return Fixed.COMMITTED;
  }

  /** Where the group stopped; at the first message published from now on if it never committed. Needs a group. */
  static StartAt committedElseLatest() {
    return Fixed.COMMITTED_ELSE_LATEST;
  }

  /** Whether it depends on what a group committed. */
  default boolean ofGroup() {
    return this == Fixed.COMMITTED || this == Fixed.COMMITTED_ELSE_LATEST;
  }

  /**
   * At this offset in every partition that is read; waits for it if it lies ahead.
   *
   * @throws InvalidRequestException if it is negative
   */
  static StartAt offset(long offset) {
    return new Offset(offset);
  }

  /** At the first message stored at this time or later. */
  static StartAt time(Instant time) {
    return new Time(time);
  }

  /** The places that need no number. */
  enum Fixed implements StartAt {
    /** See {@link StartAt#earliest()}. */
    EARLIEST,
    /** See {@link StartAt#latest()}. */
    LATEST,
    /** See {@link StartAt#committed()}. */
    COMMITTED,
    /** See {@link StartAt#committedElseLatest()}. */
    COMMITTED_ELSE_LATEST
  }

  /** See {@link StartAt#offset(long)}. */
  record Offset(long offset) implements StartAt {
    public Offset {
      if (offset < 0) {
        throw new InvalidRequestException(
            ErrorInfo.of("offset " + offset + " is negative", "Offsets start at 0; use StartAt.latest() or committed() instead"));
      }
    }
  }

  /** See {@link StartAt#time(Instant)}. */
  record Time(Instant time) implements StartAt {
    public Time {
      Objects.requireNonNull(time, "time");
    }
  }
}
