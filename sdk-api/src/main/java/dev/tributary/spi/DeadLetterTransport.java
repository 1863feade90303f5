package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What failed for good in a stream or queue. See {@link Transport} for what holds for every method. */
public interface DeadLetterTransport {
  /** Up to {@code max}, oldest first, without removing them. What is kept among them and is none is left out. */
  CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline);

  /**
   * Adds one to a stream, with {@code DEAD_LETTER_ADD}, and completes when it is stored. It has an id, and the time when it failed for good. An id that
   * is there is not added again, as far as the backend can tell: the client above repeats this.
   */
  default CompletableFuture<Void> add(ResourceName stream, DeadLetter<byte[]> letter, Deadline deadline) {
    throw Unsupported.without(Capability.DEAD_LETTER_ADD);
  }

  /** Puts one back with its headers and no attempts, and removes it here. */
  CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline);

  /** Drops all of them. */
  CompletableFuture<Void> purge(ResourceName resource, Deadline deadline);
}
