package dev.tributary.kotlin

import dev.tributary.SubscriptionState
import dev.tributary.error.TributaryException
import dev.tributary.stream.Message
import dev.tributary.stream.Position
import kotlin.time.Duration
import kotlin.time.Instant
import kotlin.time.toJavaInstant
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.future.await
import dev.tributary.stream.EventConsumer as JavaEventConsumer

/**
 * Reads a stream as a member of a group and commits how far it got. Open from the moment it is made.
 *
 * Three ways to use it, one at a time: [poll], after which everything handed out by the poll *before* counts as processed;
 * [messages], which does the same for a collector; or [forEach], which counts a message when its handler returned. What is
 * committed is a watermark: the offset after the longest run of processed messages without a gap, so a crash repeats messages but
 * never skips one.
 */
public class EventConsumer<T : Any> internal constructor(
  /** The Java consumer. */
  public val java: JavaEventConsumer<T>,
  /** Where the consumer stands: by its last change, of which the listener of its options is told next. Ends with [SubscriptionState.CLOSED]. */
  public val state: StateFlow<SubscriptionState>,
) {
  /** The partitions this member reads now. */
  public val assignment: Set<Int>
    get() = java.assignment()

  /**
   * Takes up to [max] messages, 64 by default, waiting up to [wait], 30 s by default, for the first.
   *
   * Only one poll at a time. Cancelling it takes nothing: messages that came too late to be handed over are read again.
   *
   * @return the messages, in order per partition; empty if none came in time
   */
  public suspend fun poll(max: Int = PREFETCH, wait: Duration = LONG_POLL): List<Message<T>> =
    java.poll(max, wait.finite("the wait")).awaitOrReadAgain { readAgain(it) }

  /**
   * Every message, for as long as it is collected. A message counts as processed when the collector took the next one from a
   * later poll; a cancelled or failed collector leaves the message it was at, and all after it, to be read again.
   *
   * Collect it once at a time, without a buffer if what waits in the buffer must not count as processed.
   *
   * @param max how many messages are taken at once
   */
  public fun messages(max: Int = PREFETCH): Flow<Message<T>> = polled({ poll(max, LONG_POLL) }, { readAgain(it) })

  /**
   * Gives every message to the handler: in order within a partition, partitions side by side, in the caller's context. A message
   * counts as processed when the handler returned.
   *
   * Returns when the consumer is closed; fails with what the handler failed with, after which nothing more is handed out and the
   * failed message stays uncommitted, unless the consumer has a policy of redelivery. Cancelling cancels the running handlers, waits
   * for them, and leaves their messages uncommitted; the consumer is to be closed then.
   */
  public suspend fun forEach(handler: suspend (Message<T>) -> Unit): Unit = handling(handler) { java.forEach(it) }

  /** Commits everything handed out by [poll] so far, respectively what [forEach] has processed without a gap. */
  public suspend fun commit() {
    java.commit().await()
  }

  /** Commits exactly this: partition to the *next* offset to read. May go backwards. */
  public suspend fun commit(nextOffsets: Map<Int, Long>) {
    java.commit(nextOffsets).await()
  }

  /** Continues at this place; what waits in the client from that partition is dropped. */
  public suspend fun seek(position: Position) {
    java.seek(position).await()
  }

  /** Continues at the first message of every assigned partition. */
  public suspend fun seekToBeginning() {
    java.seekToBeginning().await()
  }

  /** Continues with the first message published from now on. */
  public suspend fun seekToEnd() {
    java.seekToEnd().await()
  }

  /** Continues at the first message stored at this time or later. */
  public suspend fun seekToTimestamp(time: Instant) {
    java.seekToTimestamp(time.toJavaInstant()).await()
  }

  /** The next offset that would be handed out, as far as the client knows; null if it does not. */
  public fun position(partition: Int): Long? = java.position(partition).orNull()

  /** Hands out nothing from these partitions until resumed. Membership and leases of the group go on. */
  public fun pause(partitions: Set<Int>) {
    java.pause(partitions)
  }

  /** Ends [pause]. */
  public fun resume(partitions: Set<Int>) {
    java.resume(partitions)
  }

  /**
   * Stops reading, commits (with auto-commit) and leaves the group. Cancelling stops the waiting, not the closing.
   *
   * @param within how long that may take; then it is closed all the same
   * @throws dev.tributary.error.CloseTimeoutException which says what could not be finished in that time
   */
  public suspend fun close(within: Duration = CLOSE_TIMEOUT) {
    java.closeAsync(within.finite("the time to close")).awaitOnly()
  }

  /** Runs the block with the consumer and closes it, however the block ends, cancellation included. */
  public suspend inline fun <R> use(block: (EventConsumer<T>) -> R): R = usingThenClosing({ java.closeAsync() }) { block(this) }

  /**
   * Goes back to the first of these in each partition, before another poll counts them as processed. A partition that is another
   * member's now is that member's to read; a consumer that cannot go back for another reason must not go on either.
   */
  private suspend fun readAgain(messages: List<Message<T>>) {
    for (first in messages.distinctBy { it.partition }) {
      try {
        java.seek(first.position()).await()
      } catch (failure: TributaryException) {
        if (first.partition in assignment) java.closeAsync()
      }
    }
  }
}
