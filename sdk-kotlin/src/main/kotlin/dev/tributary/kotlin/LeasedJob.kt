package dev.tributary.kotlin

import dev.tributary.queue.NackOutcome
import dev.tributary.queue.ProducerSequence
import kotlin.time.Duration
import kotlin.time.Instant
import kotlin.time.toKotlinInstant
import kotlinx.coroutines.future.await
import dev.tributary.queue.Job as JavaJob

/** The same job for coroutines. */
public fun <T : Any> JavaJob<T>.asKotlin(): LeasedJob<T> = LeasedJob(this)

/**
 * A job leased to this consumer. It comes back to the queue when the lease ends, when it is nacked, or when its consumer dies.
 *
 * Settle it once, by [ack], [nack], [release] or [reject]. The same verb again waits for the first; another one fails with
 * `LeaseLostException`. Cancelling a settlement stops the waiting, not the settlement.
 */
public class LeasedJob<T : Any> internal constructor(
  /** The Java job. */
  public val java: JavaJob<T>,
) {
  /** The backend's id. */
  public val id: String
    get() = java.id()

  /** The payload. */
  public val value: T
    get() = java.value()

  /** Headers; empty if none. */
  public val headers: Map<String, String>
    get() = java.headers()

  /** 1 on first delivery. */
  public val attempt: Int
    get() = java.attempt()

  /** Deliveries after which it becomes a dead letter; null for unlimited or where the backend does not say. */
  public val maxAttempts: Int?
    get() = java.maxAttempts().orNull()

  /** As enqueued; 0 is normal. */
  public val priority: Int
    get() = java.priority()

  /** When it was enqueued; null where the backend does not say. */
  public val enqueuedAt: Instant?
    get() = java.enqueuedAt()?.toKotlinInstant()

  /** When the lease ends, as of the last extension; null where leases do not end. */
  public val leaseDeadline: Instant?
    get() = java.leaseDeadline()?.toKotlinInstant()

  /** Its place in the order of enqueueing; null where the backend does not count. */
  public val sequence: Long?
    get() = java.sequence().orNull()

  /** Where it is; 0 where queues have no partitions. */
  public val partition: Int
    get() = java.partition()

  /** Its number among its producer's jobs; null if it has none or the backend does not say. */
  public val producer: ProducerSequence?
    get() = java.producer()

  /**
   * Whether the lease ends within this time from now, by the client's clock, or has ended already; false where leases do not end.
   * Tells work that takes long when to [extend]; [JobQueue.process] does that by itself.
   */
  public fun leaseEndsWithin(time: Duration): Boolean = java.leaseEndsWithin(time.finite("the time"))

  /** Done: removes the job. Fails with `LeaseLostException` if it was no longer ours. */
  public suspend fun ack() {
    java.ack().awaitOnly()
  }

  /**
   * Not done: redelivers it.
   *
   * @param delay the wait before that, rounded up where the backend is coarser; null for the backoff of the queue's policy
   * @param reason why, kept where the backend keeps one
   */
  public suspend fun nack(delay: Duration? = null, reason: String? = null): NackOutcome {
    val wait = delay?.finite("the delay")
    val nacked =
      when {
        reason != null -> java.nack(wait, reason)
        wait != null -> java.nack(wait)
        else -> java.nack()
      }
    return nacked.awaitOnly()
  }

  /**
   * Not begun: gives it back as if it had never been delivered, ready at once; no attempt is counted where the backend has `JOB_RELEASE`.
   */
  public suspend fun release() {
    java.release().awaitOnly()
  }

  /** Never: makes it a dead letter at once, whatever attempts are left. */
  public suspend fun reject(reason: String) {
    java.reject(reason).awaitOnly()
  }

  /**
   * Moves the end of the lease to now plus this long, rounded up where the backend is coarser.
   *
   * @return the new end of the lease
   */
  public suspend fun extend(lease: Duration): Instant = java.extend(lease.finite("the lease")).await().toKotlinInstant()
}

/** Redelivers it at once: nobody is here any more to work on it. If that fails, the lease runs out by itself. */
internal fun JavaJob<*>.giveBack() = release()
