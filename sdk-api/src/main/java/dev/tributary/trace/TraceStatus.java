package dev.tributary.trace;

/** How a traced message stands. */
public enum TraceStatus {
  /** Nobody has finished with it. */
  IN_PROGRESS,
  /** It was processed. */
  COMPLETED,
  /** It was rejected. */
  FAILED,
  /** It is to be processed again. */
  RETRYING,
  /** It waits for its time. */
  DELAYED,
  /** Its lease ended. */
  EXPIRED
}
