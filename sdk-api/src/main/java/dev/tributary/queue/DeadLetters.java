package dev.tributary.queue;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What failed for good in one queue or stream. */
public interface DeadLetters<T> {
  /** Up to {@code max} dead letters, oldest first, without removing them. What is kept among them and is none is left out. */
  CompletableFuture<List<DeadLetter<T>>> list(int max);

  /**
   * Adds one to a stream whose backend leaves that to its clients, with {@code DEAD_LETTER_ADD}; a job becomes one by {@link Job#reject}. One whose id
   * is there already is not added again, so that this may be repeated. Without an id it gets one: of its place and its value, so that a message is one
   * dead letter however often it is added, or a random one if it has no place.
   *
   * @return its id, when the backend has confirmed it
   */
  CompletableFuture<String> add(DeadLetter<T> letter);

  /**
   * Puts one back, as a new job or event with no attempts, and removes it here, unless the backend's page says that it stays. Fails with {@code
   * NotFoundException}.
   */
  CompletableFuture<EnqueueResult> replay(String id);

  /** Drops all of them. */
  CompletableFuture<Void> purge();
}
