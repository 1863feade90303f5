package dev.tributary.internal;

import dev.tributary.error.CloseTimeoutException;
import dev.tributary.spi.Steps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What a client has opened and must close before its transport: workers, consumers, publishers, subscriptions. Thread-safe. */
public final class Open {
  private static final System.Logger LOG = System.getLogger("dev.tributary.client");

  private final Set<Closer> closers = new LinkedHashSet<>();
  private boolean closed;

  Open() {}

  /** Remembers how to close something; false if the client is closed and nothing may be opened any more. */
  public synchronized boolean add(Closer closer) {
    return !closed && closers.add(closer);
  }

  /** It closed by itself. */
  public synchronized void remove(Closer closer) {
    closers.remove(closer);
  }

  /**
   * Closes everything side by side.
   *
   * @return what could not be finished, when all are closed, whether they closed well or not
   */
  CompletableFuture<List<String>> closeAll(Duration within) {
    List<Closer> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(closers);
      closers.clear();
    }
    List<String> unfinished = Collections.synchronizedList(new ArrayList<>());
    return CompletableFuture.allOf(all.stream().map(closer -> close(closer, within, unfinished)).toArray(CompletableFuture[]::new))
        .thenApply(done -> unfinished);
  }

  private static CompletableFuture<?> close(Closer closer, Duration within, List<String> unfinished) {
    CompletableFuture<Void> closing;
    try {
      closing = closer.close(within);
    } catch (Throwable thrown) {
      closing = CompletableFuture.failedFuture(thrown);
    }
    return closing.handle(
        (done, error) -> {
          Throwable why = error == null ? null : Steps.unwrap(error);
          if (why instanceof CloseTimeoutException late) {
            unfinished.addAll(late.unfinished());
          } else if (why != null) {
            LOG.log(System.Logger.Level.WARNING, "Closing the client: a part of it did not close well", why);
          }
          return null;
        });
  }

  /** Closes something within a time, as {@code AsyncCloseable.closeAsync} does. */
  @FunctionalInterface
  public interface Closer {
    /** Closes it; completes when it is closed or the time is over. */
    CompletableFuture<Void> close(Duration within);
  }
}
