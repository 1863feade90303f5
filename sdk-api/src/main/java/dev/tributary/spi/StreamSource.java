package dev.tributary.spi;

import dev.tributary.stream.StartAt;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A source of messages of one stream: each partition in order, without a gap and without a repetition while it lives. */
public interface StreamSource extends Source {
  /**
   * Continues these partitions elsewhere. Messages that were delivered before the future completes may be stale; those after it
   * are from the new place. The completion does not overlap with the observer's calls.
   *
   * @return the next offset of each partition
   */
  CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> places, Deadline deadline);

  /** Delivers nothing from these partitions until resumed, although there is demand. */
  void pause(Set<Integer> partitions);

  /** Ends {@link #pause}. */
  void resume(Set<Integer> partitions);

  /** Commits as the member this source is: partition to next offset. Fails with {@code ConflictException} if it lost some, and commits the others. */
  CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline);
}
