package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.ResourceName;

/**
 * A topic that is there.
 *
 * @param name its name on the wire
 * @param stream the stream it is
 * @param partitions how many it has
 */
public record Topic(String name, ResourceName stream, int partitions) {
  /** Whether there is a partition of this number. */
  public boolean has(long partition) {
    return partition >= 0 && partition < partitions;
  }
}
