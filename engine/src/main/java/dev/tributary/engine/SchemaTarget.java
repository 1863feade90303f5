package dev.tributary.engine;

/** What a schema can be attached to. */
interface SchemaTarget {
  /** From now on payloads must match this. */
  void attach(AttachedSchema schema);
}
