package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Statistics;
import dev.tributary.admin.StreamConfig;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Administration of a backend. See {@link Transport} for what holds for every method. */
public interface AdminTransport {
  /** Creates a stream, with {@code CREATE_RESOURCES}; {@code AlreadyExistsException} if there is one. */
  default CompletableFuture<Void> createStream(ResourceName stream, StreamConfig config, Deadline deadline) {
    throw Unsupported.without(Capability.CREATE_RESOURCES);
  }

  /** Creates a queue, with {@code CREATE_RESOURCES}; {@code AlreadyExistsException} if there is one. */
  default CompletableFuture<Void> createQueue(ResourceName queue, QueueConfig config, Deadline deadline) {
    throw Unsupported.without(Capability.CREATE_RESOURCES);
  }

  /** How a queue is made, with {@code QUEUE_SETTINGS}; {@code NotFoundException} if there is none. */
  default CompletableFuture<QueueConfig> queueConfig(ResourceName queue, Deadline deadline) {
    throw Unsupported.without(Capability.QUEUE_SETTINGS);
  }

  /** Changes a queue, with {@code QUEUE_SETTINGS}; {@code NotFoundException} if there is none. */
  default CompletableFuture<Void> updateQueue(ResourceName queue, QueueUpdate update, Deadline deadline) {
    throw Unsupported.without(Capability.QUEUE_SETTINGS);
  }

  /** Creates a key-value store, with {@code CREATE_RESOURCES}; {@code AlreadyExistsException} if there is one. */
  default CompletableFuture<Void> createKeyValue(ResourceName store, Deadline deadline) {
    throw Unsupported.without(Capability.CREATE_RESOURCES);
  }

  /** Deletes with all its content, with {@code CREATE_RESOURCES}; {@code NotFoundException} if there is none. */
  default CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    throw Unsupported.without(Capability.CREATE_RESOURCES);
  }

  /** What there is of this kind, by name, with {@code LIST_RESOURCES}. */
  default CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    throw Unsupported.without(Capability.LIST_RESOURCES);
  }

  /** The counters of the server, with {@code STATISTICS}. */
  default CompletableFuture<Statistics> statistics(Deadline deadline) {
    throw Unsupported.without(Capability.STATISTICS);
  }
}
