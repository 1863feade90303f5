package dev.tributary.admin;

/** What can be created, listed and deleted. */
public enum ResourceKind {
  /** An event stream. */
  STREAM,
  /** A job queue. */
  QUEUE,
  /** A key-value store. */
  KEY_VALUE
}
