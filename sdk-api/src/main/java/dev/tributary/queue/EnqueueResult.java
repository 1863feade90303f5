package dev.tributary.queue;

import java.util.OptionalLong;

/**
 * What became of an enqueued job.
 *
 * @param id the backend's id of the job
 * @param sequence its place in the order of enqueueing, where the backend counts
 * @param duplicate whether the job was there already, by its deduplication id or its producer's sequence; then {@code id} is that job's
 * @param partition where it is; 0 where queues have no partitions
 */
public record EnqueueResult(String id, OptionalLong sequence, boolean duplicate, int partition) {
  /** In partition 0. */
  public EnqueueResult(String id, OptionalLong sequence, boolean duplicate) {
    this(id, sequence, duplicate, 0);
  }
}
