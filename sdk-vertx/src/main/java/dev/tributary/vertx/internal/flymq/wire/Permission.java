package dev.tributary.vertx.internal.flymq.wire;

/** What somebody has to be allowed for an operation. */
public enum Permission {
  /** Nothing. */
  NONE,
  /** Having logged in. */
  LOGIN,
  /** Reading the topic. */
  READ,
  /** Writing to the topic. */
  WRITE,
  /** Everything. */
  ADMIN
}
