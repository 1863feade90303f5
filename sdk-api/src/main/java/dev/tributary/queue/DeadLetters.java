package dev.tributary.queue;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What failed for good in one queue or stream. */
public interface DeadLetters<T> {
  /** Up to {@code max} dead letters, oldest first, without removing them. */
  CompletableFuture<List<DeadLetter<T>>> list(int max);

  /** Puts one back, as a new job or event with no attempts, and removes it here. Fails with {@code NotFoundException}. */
  CompletableFuture<EnqueueResult> replay(String id);

  /** Drops all of them. */
  CompletableFuture<Void> purge();
}
