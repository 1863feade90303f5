package dev.tributary.spi;

/**
 * Where dead letters are jobs of a queue of their own, {@code <name>-dlq}, or events of a stream of their own, {@code <name>.dlq}, these headers say
 * where they came from. They are added when a job or a message fails for good and taken off when it is replayed.
 */
public final class DeadLetterHeaders {
  /** What the dead letters' queue has after the name of the queue they came from. */
  public static final String QUEUE_SUFFIX = "-dlq";

  /** What the dead letters' stream has after the name of the stream they came from. */
  public static final String STREAM_SUFFIX = ".dlq";

  /** All of the headers below begin like this. */
  public static final String PREFIX = "tributary-dead-";

  /** The full name of the queue it came from. */
  public static final String QUEUE = PREFIX + "queue";

  /** The id it had there. */
  public static final String JOB = PREFIX + "job";

  /** The full name of the stream that a message came from which could not be decoded, or that a group or a consumer gave up. */
  public static final String STREAM = PREFIX + "stream";

  /** Where it was there: partition and offset, as {@code 2/17}. */
  public static final String POSITION = PREFIX + "position";

  /** What whoever added it calls it. */
  public static final String ID = PREFIX + "id";

  /** When it failed first, RFC 3339. */
  public static final String FIRST_FAILED_AT = PREFIX + "first-failed-at";

  /** When it failed for good, RFC 3339. */
  public static final String FAILED_AT = PREFIX + "failed-at";

  /** How often it had been delivered, decimal. */
  public static final String ATTEMPTS = PREFIX + "attempts";

  /** Why, as far as that was said. */
  public static final String REASON = PREFIX + "reason";

  /** The group that gave it up. */
  public static final String GROUP = PREFIX + "group";

  /** Who of the group had it last. */
  public static final String CONSUMER = PREFIX + "consumer";

  /** {@code true} if its consumer rejected it; {@code false} if it failed its last attempt. */
  public static final String REJECTED = PREFIX + "rejected";

  /** When it was stored, RFC 3339. */
  public static final String STORED_AT = PREFIX + "stored-at";

  /** When it was delivered first, RFC 3339. */
  public static final String FIRST_DELIVERY = PREFIX + "first-delivery";

  /** When it was delivered last, RFC 3339. */
  public static final String LAST_DELIVERY = PREFIX + "last-delivery";

  private DeadLetterHeaders() {}
}
