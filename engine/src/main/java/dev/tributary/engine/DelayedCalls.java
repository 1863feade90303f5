package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Position;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One client's calls on delayed events. */
final class DelayedCalls implements DelayedEventTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  DelayedCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<List<DelayedEvent>> list(ResourceName stream, int max, Deadline deadline) {
    return connection.reading(stream).call(() -> engine.streams().use(stream).delayed().list(max));
  }

  @Override
  public CompletableFuture<Optional<DelayedEvent>> find(ResourceName stream, Position position, Deadline deadline) {
    return connection.reading(stream).call(() -> engine.streams().use(stream).delayed().find(position));
  }

  @Override
  public CompletableFuture<Void> cancel(ResourceName stream, Position position, Deadline deadline) {
    return connection.writing(stream).run(() -> engine.streams().use(stream).delayed().cancel(position));
  }
}
