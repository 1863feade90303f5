package dev.tributary.kotlin

import dev.tributary.queue.DeadLetter
import dev.tributary.queue.EnqueueResult
import kotlinx.coroutines.future.await
import dev.tributary.queue.DeadLetters as JavaDeadLetters

/** The same dead letters for coroutines. */
public fun <T : Any> JavaDeadLetters<T>.asKotlin(): DeadLetters<T> = DeadLetters(this)

/** What failed for good in one queue or stream. Cancellation is described at [Tributary]. */
public class DeadLetters<T : Any> internal constructor(
  /** The Java dead letters. */
  public val java: JavaDeadLetters<T>,
) {
  /** Up to [max] dead letters, 100 by default, oldest first, without removing them. */
  public suspend fun list(max: Int = PAGE): List<DeadLetter<T>> = java.list(max).await()

  /**
   * Adds one to a stream whose backend leaves that to its clients, with `DEAD_LETTER_ADD`; a job becomes one by [LeasedJob.reject]. One whose id is
   * there already is not added again, so that this may be repeated. Without an id it gets one: of its place and its value, so that a message is one
   * dead letter however often it is added, or a random one if it has no place.
   *
   * Returns its id when the backend has confirmed it.
   */
  public suspend fun add(letter: DeadLetter<T>): String = java.add(letter).await()

  /**
   * Puts one back, as a new job or event with no attempts, and removes it here, unless the backend's page says that it stays. Fails with
   * `NotFoundException`.
   */
  public suspend fun replay(id: String): EnqueueResult = java.replay(id).await()

  /** Drops all of them. */
  public suspend fun purge() {
    java.purge().await()
  }
}
