package dev.tributary.engine;

import java.util.Set;

/** The partitions of a queue that a call is about: these, or all if there are none. */
record Scope(Set<Integer> only) {
  static final Scope ALL = new Scope(Set.of());

  boolean covers(int partition) {
    return only.isEmpty() || only.contains(partition);
  }
}
