package dev.tributary.kotlin

import dev.tributary.error.TributaryException
import dev.tributary.queue.EnqueueResult
import dev.tributary.queue.NewJob
import dev.tributary.stream.Event
import dev.tributary.stream.Position
import kotlin.jvm.optionals.getOrNull
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withContext
import dev.tributary.Transaction as JavaTransaction

/** The same transaction for coroutines. */
public fun JavaTransaction.asKotlin(): Transaction = Transaction(this)

/**
 * Publishes and enqueues that become visible together, or not at all. After a commit or abort every further call fails with
 * `ConflictException`. Cancelling a call leaves the transaction open: commit or abort it.
 */
public class Transaction internal constructor(
  /** The Java transaction. */
  public val java: JavaTransaction,
) {
  /** The backend's id. */
  public val id: String
    get() = java.id()

  /**
   * Publishes; invisible until the commit.
   *
   * @return where it will be; null where the backend knows that only when it is committed
   */
  public suspend fun <T : Any> publish(stream: EventStream<T>, event: Event<T>): Position? =
    java.publish(stream.java, event).await().getOrNull()

  /** Publishes a value; invisible until the commit. The result is that of an event. */
  public suspend inline fun <T : Any> publish(stream: EventStream<T>, value: T, more: EventBuilder<T>.() -> Unit = {}): Position? =
    publish(stream, event(value, more))

  /** Enqueues; invisible until the commit. */
  public suspend fun <T : Any> enqueue(queue: JobQueue<T>, job: NewJob<T>): EnqueueResult = java.enqueue(queue.java, job).await()

  /** Enqueues a value; invisible until the commit. */
  public suspend inline fun <T : Any> enqueue(queue: JobQueue<T>, value: T, more: NewJobBuilder<T>.() -> Unit = {}): EnqueueResult =
    enqueue(queue, newJob(value, more))

  /** Makes it all visible. Cancelling stops the waiting, not the commit. */
  public suspend fun commit() {
    java.commit().awaitOnly()
  }

  /** Drops it all; no error if it was aborted already. Cancelling stops the waiting, not the abort. */
  public suspend fun abort() {
    java.abort().awaitOnly()
  }

  @PublishedApi
  internal suspend fun commitOrAbort(): Unit =
    withContext(NonCancellable) {
      try {
        commit()
      } catch (failure: TributaryException) {
        // Otherwise nobody knows whether there is something to abort.
        if (!failure.maybeApplied()) abortAfter(failure)
        throw failure
      }
    }

  @PublishedApi
  internal suspend fun abortAfter(failure: Throwable): Unit = awaitClosed(java.abort(), failure)
}
