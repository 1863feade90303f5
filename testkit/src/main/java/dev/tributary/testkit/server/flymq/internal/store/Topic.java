package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.ResourceName;
import dev.tributary.vertx.internal.flymq.wire.KeyHash;
import java.util.concurrent.atomic.AtomicInteger;

/** A topic that is there. Thread-safe. */
public final class Topic {
  private final String name;
  private final ResourceName stream;
  private final int partitions;
  private final AtomicInteger turn = new AtomicInteger();

  Topic(String name, ResourceName stream, int partitions) {
    this.name = name;
    this.stream = stream;
    this.partitions = partitions;
  }

  /** Its name on the wire. */
  public String name() {
    return name;
  }

  /** The stream it is. */
  public ResourceName stream() {
    return stream;
  }

  public int partitions() {
    return partitions;
  }

  /** Whether there is a partition of this number. */
  public boolean has(int partition) {
    return partition >= 0 && partition < partitions;
  }

  /** Refuses a partition that is not there. */
  public void require(int partition) {
    if (!has(partition)) {
      throw Refusal.noPartition(partition);
    }
  }

  /** Where a record goes for which nobody chose: by its key, each in turn if it has none. */
  int choose(byte[] key) {
    if (key.length == 0) {
      return Integer.remainderUnsigned(turn.getAndIncrement(), partitions);
    }
    return KeyHash.partition(key, partitions);
  }
}
