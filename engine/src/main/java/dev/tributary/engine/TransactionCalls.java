package dev.tributary.engine;

import dev.tributary.TransactionOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TransactionTransport;
import java.util.concurrent.CompletableFuture;

/** One client's transactions. */
final class TransactionCalls implements TransactionTransport {
  private final MemoryEngine engine;
  private final Connection connection;

  TransactionCalls(MemoryEngine engine, Connection connection) {
    this.engine = engine;
    this.connection = connection;
  }

  @Override
  public CompletableFuture<Session> begin(TransactionOptions options, Deadline deadline) {
    return connection.known().call(
        () -> {
          MemoryTransaction begun = new MemoryTransaction(engine, connection, engine.ids().next(), options.producer());
          begun.begin(options.timeout());
          return begun;
        });
  }
}
