package dev.tributary.kotlin

import dev.tributary.SubscriptionState
import kotlin.time.Duration
import kotlinx.coroutines.flow.StateFlow
import dev.tributary.queue.Worker as JavaWorker

/** Counts since a worker was made. */
public typealias WorkerStats = JavaWorker.Stats

/** Takes jobs and hands them to a handler until it is closed. Runs from the moment it is made. */
public class Worker internal constructor(
  /** The Java worker. */
  public val java: JavaWorker,
  /** Where the worker stands: by its last change, of which the listener of its options is told next. Ends with [SubscriptionState.CLOSED]. */
  public val state: StateFlow<SubscriptionState>,
) {
  /** What it has done so far. */
  public val stats: WorkerStats
    get() = java.stats()

  /** Waits until the worker has ended; fails with the error if it could not go on. Cancelling stops the waiting, not the worker. */
  public suspend fun ended() {
    java.ended().awaitOnly()
  }

  /**
   * Takes no more jobs, waits for running handlers (up to the drain timeout, then gives their jobs back), settles, and ends. Cancelling stops
   * the waiting, not the closing.
   *
   * @param within how long that may take; then it is closed all the same
   * @throws dev.tributary.error.CloseTimeoutException which names the jobs that could not be settled in that time
   */
  public suspend fun close(within: Duration = CLOSE_TIMEOUT) {
    java.closeAsync(within.finite("the time to close")).awaitOnly()
  }

  /** Runs the block and closes the worker, however the block ends, cancellation included. */
  public suspend inline fun <R> use(block: (Worker) -> R): R = usingThenClosing({ java.closeAsync() }) { block(this) }
}
