package dev.tributary.spi;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of one leased job.
 *
 * @param kind which verb
 * @param job the job as it was delivered, with the end of its lease as of the last extension
 * @param duration the delay of a nack (null for the policy's backoff), the length of an extension, else null
 * @param reason why it is nacked or rejected, or null
 */
public record Settlement(Kind kind, LeasedJob job, @Nullable Duration duration, @Nullable String reason) {
  /** The verbs. */
  public enum Kind {
    /** Done. */
    ACK,
    /** Once more, later. */
    NACK,
    /** Not begun: ready again at once, as if it had never been delivered. No attempt is counted, no reason recorded. */
    RELEASE,
    /** Never: a dead letter. */
    REJECT,
    /** Still at it. */
    EXTEND
  }

  /**
   * What came of a settlement.
   *
   * @param deadLettered whether the job is a dead letter now
   * @param leaseDeadline the new end of the lease after an extension, measured from the answer; else null
   */
  public record Result(boolean deadLettered, @Nullable Deadline leaseDeadline) {
    /** Settled, with nothing more to say. */
    public static final Result DONE = new Result(false, null);
  }
}
