package dev.tributary.kotlin

import dev.tributary.queue.DeadLetter
import dev.tributary.queue.EnqueueResult
import kotlinx.coroutines.future.await
import dev.tributary.queue.DeadLetters as JavaDeadLetters

/** The same dead letters for coroutines. */
public fun <T : Any> JavaDeadLetters<T>.asKotlin(): DeadLetters<T> = DeadLetters(this)

/** What failed for good in one queue or stream. Cancellation is described at [Tributary]. */
@JvmInline
public value class DeadLetters<T : Any> internal constructor(
  /** The Java dead letters. */
  public val java: JavaDeadLetters<T>,
) {
  /** Up to [max] dead letters, oldest first, without removing them. */
  public suspend fun list(max: Int): List<DeadLetter<T>> = java.list(max).await()

  /** Puts one back, as a new job or event with no attempts, and removes it here. Fails with `NotFoundException`. */
  public suspend fun replay(id: String): EnqueueResult = java.replay(id).await()

  /** Drops all of them. */
  public suspend fun purge() {
    java.purge().await()
  }
}
