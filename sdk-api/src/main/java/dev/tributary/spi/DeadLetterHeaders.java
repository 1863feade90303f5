package dev.tributary.spi;

/**
 * Where dead letters are jobs of a queue of their own, {@code <name>-dlq}, these headers say where they came from. They are added
 * when a job fails for good and taken off when it is replayed.
 */
public final class DeadLetterHeaders {
  /** What the dead letters' queue has after the name of the queue they came from. */
  public static final String QUEUE_SUFFIX = "-dlq";

  /** All of the headers below begin like this. */
  public static final String PREFIX = "tributary-dead-";

  /** The full name of the queue it came from. */
  public static final String QUEUE = PREFIX + "queue";

  /** The id it had there. */
  public static final String JOB = PREFIX + "job";

  /** The full name of the stream that a message came from which could not be decoded. */
  public static final String STREAM = PREFIX + "stream";

  /** Where it was there: partition and offset, as {@code 2/17}. */
  public static final String POSITION = PREFIX + "position";

  /** When it failed for good, RFC 3339. */
  public static final String FAILED_AT = PREFIX + "failed-at";

  /** How often it had been delivered, decimal. */
  public static final String ATTEMPTS = PREFIX + "attempts";

  /** Why, as far as that was said. */
  public static final String REASON = PREFIX + "reason";

  private DeadLetterHeaders() {}
}
