package dev.tributary.testkit.engine;

import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One client's administration. */
final class AdminCalls implements AdminTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  AdminCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<Void> createStream(ResourceName stream, StreamConfig config, Deadline deadline) {
    return connection.run(() -> engine.streams().create(stream, config));
  }

  @Override
  public CompletableFuture<Void> createQueue(ResourceName queue, QueueConfig config, Deadline deadline) {
    return connection.run(() -> engine.queues().create(queue, config));
  }

  @Override
  public CompletableFuture<QueueConfig> queueConfig(ResourceName queue, Deadline deadline) {
    return connection.call(() -> engine.queues().use(queue).config());
  }

  @Override
  public CompletableFuture<Void> updateQueue(ResourceName queue, QueueUpdate update, Deadline deadline) {
    return connection.run(() -> engine.queues().use(queue).update(update));
  }

  @Override
  public CompletableFuture<Void> createKeyValue(ResourceName store, Deadline deadline) {
    return connection.run(() -> engine.stores().create(store, true));
  }

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    return connection.run(
        () -> {
          switch (kind) {
            case STREAM -> engine.delete(engine.streams().delete(name));
            case QUEUE -> engine.queues().delete(name).delete();
            case KEY_VALUE -> engine.stores().delete(name).delete();
          }
        });
  }

  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    return connection.call(
        () ->
            switch (kind) {
              case STREAM -> engine.streams().all().stream().map(StreamLog::info).toList();
              case QUEUE -> engine.queues().all().stream().map(QueueState::info).toList();
              case KEY_VALUE -> engine.stores().all().stream().map(KeyStore::info).toList();
            });
  }
}
