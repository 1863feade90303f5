package dev.tributary.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What a client has opened and must close before its transport: workers, consumers, publishers, subscriptions. Thread-safe. */
public final class Open {
  private static final System.Logger LOG = System.getLogger("dev.tributary.client");

  private final Set<Supplier<CompletableFuture<Void>>> closers = new LinkedHashSet<>();
  private boolean closed;

  Open() {}

  /** Remembers how to close something; false if the client is closed and nothing may be opened any more. */
  public synchronized boolean add(Supplier<CompletableFuture<Void>> closer) {
    return !closed && closers.add(closer);
  }

  /** It closed by itself. */
  public synchronized void remove(Supplier<CompletableFuture<Void>> closer) {
    closers.remove(closer);
  }

  /** Closes everything side by side; completes when all are closed, whether they closed well or not. */
  CompletableFuture<Void> closeAll() {
    List<Supplier<CompletableFuture<Void>>> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(closers);
      closers.clear();
    }
    return CompletableFuture.allOf(all.stream().map(Open::close).toArray(CompletableFuture[]::new));
  }

  private static CompletableFuture<?> close(Supplier<CompletableFuture<Void>> closer) {
    CompletableFuture<Void> closing;
    try {
      closing = closer.get();
    } catch (RuntimeException thrown) {
      closing = CompletableFuture.failedFuture(thrown);
    }
    return closing.handle(
        (done, error) -> {
          if (error != null) {
            LOG.log(System.Logger.Level.WARNING, "Closing the client: a part of it did not close well", Faults.unwrap(error));
          }
          return null;
        });
  }
}
