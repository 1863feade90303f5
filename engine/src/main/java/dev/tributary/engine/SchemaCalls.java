package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.schema.Compatibility;
import dev.tributary.schema.Schema;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.schema.Validation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SchemaTransport;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One client's calls on schemas. */
final class SchemaCalls implements SchemaTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  SchemaCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<Schema> register(ResourceName subject, SchemaFormat format, String definition, Deadline deadline) {
    return connection.writing().call(() -> engine.schemas().register(subject, format, definition));
  }

  @Override
  public CompletableFuture<Schema> get(ResourceName subject, OptionalInt version, Deadline deadline) {
    return connection.reading().call(() -> engine.schemas().get(subject, version).schema());
  }

  @Override
  public CompletableFuture<Schema> byId(long id, Deadline deadline) {
    return connection.reading().call(() -> engine.schemas().get(id).schema());
  }

  @Override
  public CompletableFuture<List<Schema>> versions(ResourceName subject, Deadline deadline) {
    return connection.reading().call(() -> engine.schemas().versions(subject));
  }

  @Override
  public CompletableFuture<List<String>> subjects(Deadline deadline) {
    return connection.reading().call(() -> engine.schemas().subjects());
  }

  @Override
  public CompletableFuture<Void> delete(ResourceName subject, int version, Deadline deadline) {
    return connection.administering().run(() -> engine.schemas().delete(subject, version));
  }

  @Override
  public CompletableFuture<Void> attach(
      ResourceKind kind, ResourceName resource, ResourceName subject, OptionalInt version, Deadline deadline) {
    return connection.administering(resource).run(
        () -> {
          OptionalInt pinned = OptionalInt.of(engine.schemas().get(subject, version).schema().version());
          target(kind, resource).attach(new AttachedSchema(() -> engine.schemas().get(subject, pinned)));
        });
  }

  private SchemaTarget target(ResourceKind kind, ResourceName resource) {
    return switch (kind) {
      case STREAM -> engine.streams().use(resource);
      case QUEUE -> engine.queues().use(resource);
      case KEY_VALUE ->
          throw InvalidRequestException.of("a key-value store takes no schema", "Attach it to a stream or a queue");
    };
  }

  @Override
  public CompletableFuture<Compatibility> compatibility(@Nullable ResourceName subject, Deadline deadline) {
    return connection.reading().call(() -> engine.schemas().mode(subject));
  }

  @Override
  public CompletableFuture<Void> setCompatibility(@Nullable ResourceName subject, Compatibility mode, Deadline deadline) {
    return connection.administering().run(() -> engine.schemas().mode(subject, mode));
  }

  @Override
  public CompletableFuture<Boolean> isCompatible(
      ResourceName subject, SchemaFormat format, String definition, Deadline deadline) {
    return connection.reading().call(() -> engine.schemas().compatible(subject, format, definition));
  }

  @Override
  public CompletableFuture<Validation> validate(ResourceName subject, OptionalInt version, byte[] payload, Deadline deadline) {
    return connection.reading().call(() -> engine.schemas().get(subject, version).validate(payload));
  }
}
