package dev.tributary;

import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes and enqueues that become visible together, or not at all. Thread-safe; calls are made one after the other.
 *
 * <p>After a commit or abort every further call fails with {@code ConflictException}.
 */
public interface Transaction {
  /** The backend's id. */
  String id();

  /**
   * Publishes; invisible until the commit.
   *
   * @return where it will be; empty where the backend knows that only when it is committed
   */
  <T> CompletableFuture<Optional<Position>> publish(EventStream<T> stream, Event<T> event);

  /** Enqueues; invisible until the commit. */
  <T> CompletableFuture<EnqueueResult> enqueue(JobQueue<T> queue, NewJob<T> job);

  /** Makes it all visible. */
  CompletableFuture<Void> commit();

  /** Drops it all; no error if it was aborted already. */
  CompletableFuture<Void> abort();
}
