package dev.tributary.kotlin

import dev.tributary.ResourceName
import dev.tributary.SubscriptionState
import dev.tributary.error.TributaryException
import dev.tributary.stream.Position
import dev.tributary.stream.StreamMessage
import kotlin.time.Duration
import kotlin.time.Instant
import kotlin.time.toJavaInstant
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.future.await
import dev.tributary.stream.StreamsConsumer as JavaStreamsConsumer

/**
 * Reads several streams as a member of a group, as an [EventConsumer] reads one, and commits in each how far it got. Open from the
 * moment it is made. How streams come and go, and what ends the consumer, is described at the Java consumer.
 *
 * Three ways to use it, one at a time: [poll], [messages] and [forEach], with the same meaning as there.
 */
public class StreamsConsumer<T : Any> internal constructor(
  /** The Java consumer. */
  public val java: JavaStreamsConsumer<T>,
  /** Where the consumer stands: reconnecting while one of the streams is, and while the last look at the streams has failed. */
  public val state: StateFlow<SubscriptionState>,
) {
  /** The streams that are read now, and the partitions of each that this member reads. */
  public val assignment: Map<ResourceName, Set<Int>>
    get() = java.assignment()

  /**
   * Takes up to [max] messages of all streams, 64 by default, by turns, waiting up to [wait], 30 s by default, for the first.
   *
   * Only one poll at a time. Cancelling it takes nothing: messages that came too late to be handed over are read again.
   *
   * @return the messages, in order per partition; empty if none came in time
   */
  public suspend fun poll(max: Int = PREFETCH, wait: Duration = LONG_POLL): List<StreamMessage<T>> =
    java.poll(max, wait.finite("the wait")).awaitOrReadAgain { readAgain(it) }

  /**
   * Every message, for as long as it is collected. A message counts as processed when the collector took the next one from a
   * later poll; a cancelled or failed collector leaves the message it was at, and all after it, to be read again.
   *
   * Collect it once at a time, without a buffer if what waits in the buffer must not count as processed.
   *
   * @param max how many messages are taken at once
   */
  public fun messages(max: Int = PREFETCH): Flow<StreamMessage<T>> = polled({ poll(max, LONG_POLL) }, { readAgain(it) })

  /**
   * Gives every message to the handler: in order within a partition, partitions and streams side by side, in the caller's context.
   * A message counts as processed when the handler returned.
   *
   * Returns when the consumer is closed; fails with what the handler failed with, after which nothing more is handed out of any
   * stream and the failed message stays uncommitted. Cancelling cancels the running handlers, waits for them, and leaves their
   * messages uncommitted; the consumer is to be closed then.
   */
  public suspend fun forEach(handler: suspend (StreamMessage<T>) -> Unit): Unit = handling(handler) { java.forEach(it) }

  /** Commits in every stream what was handed out by [poll] so far, respectively what [forEach] has processed without a gap. */
  public suspend fun commit() {
    java.commit().await()
  }

  /** Commits exactly this in one of the streams: partition to the *next* offset to read. May go backwards. */
  public suspend fun commit(stream: ResourceName, nextOffsets: Map<Int, Long>) {
    java.commit(stream, nextOffsets).await()
  }

  /** Continues one of the streams at this place; what waits in the client from that partition is dropped. */
  public suspend fun seek(stream: ResourceName, position: Position) {
    java.seek(stream, position).await()
  }

  /** Continues at the first message of every assigned partition of every stream. */
  public suspend fun seekToBeginning() {
    java.seekToBeginning().await()
  }

  /** Continues with the first message published from now on, in every stream. */
  public suspend fun seekToEnd() {
    java.seekToEnd().await()
  }

  /** Continues at the first message stored at this time or later, in every stream. */
  public suspend fun seekToTimestamp(time: Instant) {
    java.seekToTimestamp(time.toJavaInstant()).await()
  }

  /** The next offset that would be handed out, as far as the client knows; null if it does not, or does not read the stream. */
  public fun position(stream: ResourceName, partition: Int): Long? = java.position(stream, partition).orNull()

  /** Hands out nothing from these partitions of one of the streams until resumed; refused if the stream is not read. */
  public fun pause(stream: ResourceName, partitions: Set<Int>) {
    java.pause(stream, partitions)
  }

  /** Ends [pause]; refused if the stream is not read. */
  public fun resume(stream: ResourceName, partitions: Set<Int>) {
    java.resume(stream, partitions)
  }

  /**
   * Looks now which streams match the patterns, and returns when those that came are being read; fails if the look failed: then the
   * streams stay what they are. Cancelling stops the waiting, not the look.
   */
  public suspend fun refresh() {
    java.refresh().awaitOnly()
  }

  /**
   * Stops reading, commits (with auto-commit) and leaves the group, in all streams side by side and within this one time. Cancelling
   * stops the waiting, not the closing.
   *
   * @param within how long that may take; then it is closed all the same
   * @throws dev.tributary.error.CloseTimeoutException which says what could not be finished in that time
   */
  public suspend fun close(within: Duration = CLOSE_TIMEOUT) {
    java.closeAsync(within.finite("the time to close")).awaitOnly()
  }

  /** Runs the block with the consumer and closes it, however the block ends, cancellation included. */
  public suspend inline fun <R> use(block: (StreamsConsumer<T>) -> R): R = usingThenClosing({ java.closeAsync() }) { block(this) }

  /**
   * Goes back to the first of these in each partition, before another poll counts them as processed. A partition that is another
   * member's now, or whose stream is gone, is not to be read again; a consumer that cannot go back for another reason must not go on.
   */
  private suspend fun readAgain(messages: List<StreamMessage<T>>) {
    for (first in messages.distinctBy { it.stream to it.message.partition }) {
      try {
        java.seek(first.stream, first.message.position()).await()
      } catch (failure: TributaryException) {
        if (first.message.partition in assignment[first.stream].orEmpty()) java.closeAsync()
      }
    }
  }
}
