package dev.tributary.spi;

import java.util.concurrent.CompletableFuture;

/**
 * Something that delivers on demand, resumes by itself after faults, and ends with exactly one
 * {@link SourceObserver#onEnd}. Thread-safe.
 */
public interface Source {
  /**
   * Allows {@code n} more items; demand adds up, and survives a reconnection. Nothing is delivered beyond it, nor while the observer has no
   * {@link SourceObserver#room()}.
   *
   * @param n at least 0; 0 says that there is room again
   */
  void request(long n);

  /** Ends it: nothing is delivered after the returned future completes, and the last signal is {@code onEnd(null)}. */
  CompletableFuture<Void> close();
}
