package dev.tributary.queue;

/** What a nack did. */
public enum NackOutcome {
  /** The job will be delivered again. */
  REQUEUED,
  /** The job has used up its attempts and is a dead letter now. */
  DEAD_LETTERED
}
