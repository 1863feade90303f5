package dev.tributary.kotlin

import dev.tributary.error.OverloadedException
import dev.tributary.stream.Event
import dev.tributary.stream.Position
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.future.asDeferred
import dev.tributary.stream.EventPublisher as JavaEventPublisher

/** The same publisher for coroutines. */
public fun <T : Any> JavaEventPublisher<T>.asKotlin(): EventPublisher<T> = EventPublisher(this)

/**
 * Publishes many events fast: gathers them into batches, one batch on the wire at a time, so that order is kept.
 *
 * When no more may be in flight, [send] and [publish] suspend until there is room. One that is cancelled while it waits for room
 * has sent nothing; an event that was accepted is sent whatever happens to the coroutine.
 */
public class EventPublisher<T : Any> internal constructor(
  /** The Java publisher. */
  public val java: JavaEventPublisher<T>,
) {
  /**
   * Adds the event to a batch, and returns as soon as it is accepted.
   *
   * @return completes when the backend confirmed it, or fails. Cancelling it cancels nothing but the waiting.
   */
  public suspend fun send(event: Event<T>): Deferred<Position> = accepted(event).copy().asDeferred()

  /** Adds a value to a batch, and returns as soon as it is accepted: see [send]. */
  public suspend inline fun send(value: T, more: EventBuilder<T>.() -> Unit = {}): Deferred<Position> = send(event(value, more))

  /** Adds the event to a batch and waits for its confirmation. For one event after another; [send] keeps batches full. */
  public suspend fun publish(event: Event<T>): Position = accepted(event).awaitOnly()

  /** Adds a value to a batch and waits for its confirmation: see [publish]. */
  public suspend inline fun publish(value: T, more: EventBuilder<T>.() -> Unit = {}): Position = publish(event(value, more))

  /** Waits until there is room for another event. */
  public suspend fun ready() {
    java.ready().awaitOnly()
  }

  /** Sends what waits, without linger; returns when everything accepted so far is confirmed or failed. */
  public suspend fun flush() {
    java.flush().awaitOnly()
  }

  /**
   * Accepts nothing more, flushes, and returns when nothing is in flight. Cancelling stops the waiting, not the closing.
   *
   * @param within how long that may take; then it is closed all the same
   * @throws dev.tributary.error.CloseTimeoutException which says what could not be finished in that time
   */
  public suspend fun close(within: Duration = CLOSE_TIMEOUT) {
    java.closeAsync(within.finite("the time to close")).awaitOnly()
  }

  /** Runs the block with the publisher and closes it, however the block ends, cancellation included. */
  public suspend inline fun <R> use(block: (EventPublisher<T>) -> R): R = usingThenClosing({ java.closeAsync() }) { block(this) }

  private suspend fun accepted(event: Event<T>): CompletableFuture<Position> {
    while (true) {
      ready()
      val position = java.publish(event)
      if (!position.refused()) return position
    }
  }
}

/** Whether there was no room for the event, and trying again when there is room cannot store it twice. */
private fun CompletableFuture<*>.refused(): Boolean =
  isCompletedExceptionally && handle { _, failure -> failure is OverloadedException && !failure.maybeApplied() }.join()
