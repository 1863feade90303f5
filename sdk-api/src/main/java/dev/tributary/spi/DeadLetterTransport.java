package dev.tributary.spi;

import dev.tributary.ResourceName;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What failed for good in a stream or queue. See {@link Transport} for what holds for every method. */
public interface DeadLetterTransport {
  /** Up to {@code max}, oldest first, without removing them. */
  CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline);

  /** Puts one back with its headers and no attempts, and removes it here. */
  CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline);

  /** Drops all of them. */
  CompletableFuture<Void> purge(ResourceName resource, Deadline deadline);
}
