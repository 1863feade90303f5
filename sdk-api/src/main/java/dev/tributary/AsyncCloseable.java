package dev.tributary;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Something that drains when it is closed, within a bound: what is under way is finished, nothing new begins.
 *
 * <p>Closing again returns the first close's outcome. A close from within a callback or handler of the thing itself does not wait for that
 * callback; nothing that closes waits for itself. Blocking in {@link #close()} is for threads of your own, not for callbacks.
 */
public interface AsyncCloseable extends AutoCloseable {
  /** How long a close takes at most if nothing else is said. */
  Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** Closes within {@link #CLOSE_TIMEOUT}. */
  default CompletableFuture<Void> closeAsync() {
    return closeAsync(CLOSE_TIMEOUT);
  }

  /**
   * Closes within this time.
   *
   * @param within zero to wait for nothing
   * @return completes when it is closed, at the latest when the time is over; then it is closed all the same, and the future fails with
   *     {@code CloseTimeoutException}, which says what could not be finished
   */
  CompletableFuture<Void> closeAsync(Duration within);

  /** {@link #closeAsync()}, waiting for it. */
  @Override
  default void close() {
    close(CLOSE_TIMEOUT);
  }

  /**
   * {@link #closeAsync(Duration)}, waiting for it.
   *
   * @throws dev.tributary.error.CloseTimeoutException if something could not be finished in this time
   */
  default void close(Duration within) {
    try {
      closeAsync(within).join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException why ? why : failed;
    }
  }
}
