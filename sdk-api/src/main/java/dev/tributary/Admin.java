package dev.tributary;

import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Statistics;
import dev.tributary.admin.StreamConfig;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Creating, listing and deleting streams, queues and key-value stores. */
public interface Admin {
  /** Creates a stream; fails with {@code AlreadyExistsException} if there is one. */
  CompletableFuture<Void> createStream(String name, StreamConfig config);

  /**
   * Creates a stream unless there is one. One that is there stays as it is, whatever its settings.
   *
   * @return whether this made it; false also if a try made it whose answer was lost
   */
  CompletableFuture<Boolean> ensureStream(String name, StreamConfig config);

  /** Creates a queue; fails with {@code AlreadyExistsException} if there is one. */
  CompletableFuture<Void> createQueue(String name, QueueConfig config);

  /**
   * Creates a queue unless there is one. One that is there stays as it is, whatever its settings.
   *
   * @return whether this made it; false also if a try made it whose answer was lost
   */
  CompletableFuture<Boolean> ensureQueue(String name, QueueConfig config);

  /** How a queue is made; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<QueueConfig> queueConfig(String name);

  /** Changes settings of a queue; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<Void> updateQueue(String name, QueueUpdate update);

  /** Creates a key-value store; fails with {@code AlreadyExistsException} if there is one. */
  CompletableFuture<Void> createKeyValue(String name);

  /**
   * Creates a key-value store unless there is one.
   *
   * @return whether this made it; false also if a try made it whose answer was lost
   */
  CompletableFuture<Boolean> ensureKeyValue(String name);

  /** Deletes it with all its content; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<Void> delete(ResourceKind kind, String name);

  /** What there is of this kind, ordered by name. */
  CompletableFuture<List<ResourceInfo>> list(ResourceKind kind);

  /** The counters of the server that answers. */
  CompletableFuture<Statistics> statistics();
}
