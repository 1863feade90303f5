package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import java.time.Duration;
import java.util.Set;

/** Queues of a backend that pushes jobs: the client opens a source in place of calling {@code receive} in a loop. */
public interface PushQueueTransport extends QueueTransport {
  @Override
  default PushQueueTransport ofPartitions(Set<Integer> partitions) {
    throw Unsupported.without(Capability.JOB_PARTITIONS);
  }

  /** Opens a source that leases a job for each unit of demand, never more. Returns at once. */
  Source open(ResourceName queue, Duration lease, SourceObserver<LeasedJob> observer);
}
