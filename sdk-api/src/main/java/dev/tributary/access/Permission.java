package dev.tributary.access;

/** What somebody may do with a resource. */
public enum Permission {
  /** Reading it. */
  READ,
  /** Writing to it. */
  WRITE,
  /** Making and deleting resources, and managing users. */
  ADMIN
}
