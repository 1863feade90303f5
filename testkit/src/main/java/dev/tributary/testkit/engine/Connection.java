package dev.tributary.testkit.engine;

import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What a client has in the engine: sources, calls that wait, transactions. All of it ends with the connection. */
final class Connection {
  private final Gate gate;
  private final Map<Object, Consumer<TributaryException>> attached = new LinkedHashMap<>();
  private boolean closed;

  Connection(Gate gate) {
    this.gate = gate;
  }

  Gate gate() {
    return gate;
  }

  /** A call: inside the gate, if the connection is open. Its future is complete already. */
  <R> CompletableFuture<R> call(Supplier<R> work) {
    return await(() -> CompletableFuture.completedFuture(work.get()));
  }

  /** A call that may wait: what it does inside the gate gives it its future. */
  <R> CompletableFuture<R> await(Supplier<CompletableFuture<R>> work) {
    try {
      return gate.enter(
          () -> {
            requireOpen();
            return work.get();
          });
    } catch (TributaryException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  /** A call without a result. */
  CompletableFuture<Void> run(Runnable work) {
    return call(
            () -> {
              work.run();
              return true;
            })
        .thenApply(done -> null);
  }

  /** Starts a source: what it cannot start for is how it ends. */
  void open(MemorySource<?> source, Runnable start) {
    gate.run(
        () -> {
          try {
            requireOpen();
            attach(source, source::end);
            start.run();
          } catch (TributaryException refused) {
            source.end(refused);
          }
        });
  }

  /** Remembers how to end something; inside. */
  void attach(Object what, Consumer<TributaryException> end) {
    attached.put(what, end);
  }

  /** It has ended; inside. */
  void detach(Object what) {
    attached.remove(what);
  }

  private void requireOpen() {
    if (closed) {
      throw closedError();
    }
  }

  void close() {
    gate.run(
        () -> {
          closed = true;
          List<Consumer<TributaryException>> ends = List.copyOf(attached.values());
          attached.clear();
          ends.forEach(end -> end.accept(closedError()));
        });
  }

  private static ClientClosedException closedError() {
    return new ClientClosedException(ErrorInfo.of("the connection is closed", "Make a new client"));
  }
}
