package dev.tributary.engine;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import java.util.concurrent.CompletableFuture;

/** One client's calls on health. */
final class HealthCalls implements HealthTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  HealthCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<Boolean> live(Deadline deadline) {
    return connection.call(engine::live);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return connection.call(engine::ready);
  }
}
