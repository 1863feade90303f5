package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.engine.access.Trail.Deed;
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
    return connection.administering(stream).run(() -> engine.streams().create(stream, config), deed(ResourceKind.STREAM, "create", stream));
  }

  @Override
  public CompletableFuture<Void> createQueue(ResourceName queue, QueueConfig config, Deadline deadline) {
    return connection.administering(queue).run(() -> engine.queues().create(queue, config), deed(ResourceKind.QUEUE, "create", queue));
  }

  @Override
  public CompletableFuture<QueueConfig> queueConfig(ResourceName queue, Deadline deadline) {
    return connection.reading(queue).call(() -> engine.queues().use(queue).config());
  }

  @Override
  public CompletableFuture<Void> updateQueue(ResourceName queue, QueueUpdate update, Deadline deadline) {
    return connection.administering(queue).run(() -> engine.queues().use(queue).update(update));
  }

  @Override
  public CompletableFuture<Void> createKeyValue(ResourceName store, Deadline deadline) {
    return connection.administering(store).run(() -> engine.stores().create(store, true), deed(ResourceKind.KEY_VALUE, "create", store));
  }

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    return connection.administering(name).run(
        () -> {
          switch (kind) {
            case STREAM -> engine.delete(engine.streams().delete(name));
            case QUEUE -> engine.queues().delete(name).delete();
            case KEY_VALUE -> engine.stores().delete(name).delete();
          }
        },
        deed(kind, "delete", name));
  }

  private static Deed deed(ResourceKind kind, String verb, ResourceName name) {
    String noun =
        switch (kind) {
          case STREAM -> "topic";
          case QUEUE -> "queue";
          case KEY_VALUE -> "store";
        };
    return Deed.of(noun + "." + verb, name.toString());
  }

  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    return connection.known().call(
        () ->
            switch (kind) {
              case STREAM -> engine.streams().all().stream().map(StreamLog::info).toList();
              case QUEUE -> engine.queues().all().stream().map(QueueState::info).toList();
              case KEY_VALUE -> engine.stores().all().stream().map(KeyStore::info).toList();
            });
  }
}
