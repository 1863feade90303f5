package dev.tributary.stream;

/**
 * What a subscription does when its place is not in the stream any more: retention removed what came next, or the server came back without
 * messages that it had delivered. A {@link StartAt#offset} that lies ahead of a stream is no such place as long as nothing was delivered.
 */
public enum OffsetReset {
  /** Ends with {@code OffsetOutOfRangeException}: the default, because messages are missing. */
  FAIL,
  /** Goes on at the first message that is there. */
  EARLIEST,
  /** Goes on at the end: with the first message published from now on. */
  LATEST
}
