package dev.tributary.stream;

import dev.tributary.AsyncCloseable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes many events fast: gathers them into batches, one batch on the wire at a time, so that order is kept.
 *
 * <p>Thread-safe. Never blocks: when {@link PublisherOptions} allow no more in flight, {@link #publish(Event)} fails at once with
 * {@code OverloadedException}, and {@link #ready()} tells when to go on.
 */
public interface EventPublisher<T> extends AsyncCloseable {
  /** Publishes a bare value. */
  default CompletableFuture<Position> publish(T value) {
    return publish(Event.of(value));
  }

  /**
   * Adds the event to a batch.
   *
   * @return completes when the backend confirmed it. Fails with {@code OverloadedException} if nothing more may be in flight,
   *     {@code ClientClosedException} after close, or what the backend said. Cancelling it has no effect once it is in a batch.
   */
  CompletableFuture<Position> publish(Event<T> event);

  /** Completes as soon as there is room for another event; at once if there is. Who waits at the same time gets the same future. */
  CompletableFuture<Void> ready();

  /**
   * Sends what waits, without linger; completes when everything accepted so far is confirmed or failed, after the futures of these events. In a
   * callback of one of them it waits for the others only as far as they are not confirmed or failed.
   */
  CompletableFuture<Void> flush();

  /**
   * Accepts nothing more, flushes, and completes when nothing is in flight. What is not confirmed when the time is over fails with
   * {@code ClientClosedException}, that says {@code maybeApplied} if it was sent.
   */
  @Override
  CompletableFuture<Void> closeAsync(Duration within);
}
