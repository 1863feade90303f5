package dev.tributary.schema;

/** What a new version of a schema may change. */
public enum Compatibility {
  /** Anything. */
  NONE,
  /** Readers of the new version can read what was written with the one before. */
  BACKWARD,
  /** Readers of the version before can read what is written with the new one. */
  FORWARD,
  /** Both. */
  FULL
}
