package dev.tributary.kotlin

import dev.tributary.RedeliveryPolicy
import dev.tributary.ResourceName
import dev.tributary.SubscriptionState
import dev.tributary.queue.EnqueueResult
import dev.tributary.queue.JobsOptions
import dev.tributary.queue.NewJob
import dev.tributary.queue.PeekedJob
import dev.tributary.queue.QueueStats
import dev.tributary.queue.ReserveOptions
import dev.tributary.queue.WorkerOptions
import kotlin.jvm.optionals.getOrNull
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.future.await
import dev.tributary.JobQueue as JavaJobQueue

/** The same queue for coroutines. */
public fun <T : Any> JavaJobQueue<T>.asKotlin(): JobQueue<T> = JobQueue(this)

/**
 * A queue of jobs of one type. A handle without cost: make it where it is needed; nothing is sent by making it.
 *
 * Cancellation is described at [Tributary]. A job that arrives for a coroutine that was cancelled meanwhile goes back to the
 * queue at once.
 */
@JvmInline
public value class JobQueue<T : Any> internal constructor(
  /** The Java queue. */
  public val java: JavaJobQueue<T>,
) {
  /** The full name. */
  public val name: ResourceName
    get() = java.name()

  /**
   * The same queue, with only these partitions for taking, peeking, counting and purging. What is enqueued goes where it belongs all
   * the same.
   *
   * @throws dev.tributary.error.UnsupportedFeatureException if the backend has no `JOB_PARTITIONS`
   * @throws dev.tributary.error.InvalidRequestException if there is none, or a negative one
   */
  public fun partitions(partitions: Set<Int>): JobQueue<T> = JobQueue(java.partitions(partitions))

  /**
   * Enqueues a job.
   *
   * @return its id. Once it may have been applied it is retried only if it has a deduplication id or the backend keeps the numbers of
   *   producers; else the error says `maybeApplied`.
   */
  public suspend fun enqueue(job: NewJob<T>): EnqueueResult = java.enqueue(job).await()

  /** Enqueues a value: `enqueue(order) { delay(5.seconds) }`. */
  public suspend inline fun enqueue(value: T, more: NewJobBuilder<T>.() -> Unit = {}): EnqueueResult = enqueue(newJob(value, more))

  /**
   * Enqueues jobs in order, split into several calls where the backend wants that.
   *
   * @return their ids, in order. Fails with `PartialFailureException` if only some were stored.
   */
  public suspend fun enqueueAll(jobs: List<NewJob<T>>): List<EnqueueResult> = java.enqueueAll(jobs).await()

  /** Enqueues all jobs or none. Fails with `PayloadTooLargeException` if they do not fit into one call. */
  public suspend fun enqueueAtomically(jobs: List<NewJob<T>>): List<EnqueueResult> = java.enqueueAtomically(jobs).await()

  /**
   * Takes a job; null if none came in time.
   *
   * @param lease how long the job is ours
   * @param maxWait how long to wait for a job when none is ready; adds to the client's deadline
   */
  public suspend fun reserve(lease: Duration = 30.seconds, maxWait: Duration = Duration.ZERO): Job<T>? {
    val reserved = java.reserve(options(lease, maxWait))
    return reserved.awaitOrGiveBack { lost -> lost.ifPresent { it.giveBack() } }.getOrNull()?.let { Job(it) }
  }

  /** Takes up to [max] jobs; empty if none came in time. Waits for the first only; [lease] and [maxWait] are those of [reserve]. */
  public suspend fun receive(max: Int, lease: Duration = 30.seconds, maxWait: Duration = Duration.ZERO): List<Job<T>> {
    val received = java.receive(max, options(lease, maxWait))
    return received.awaitOrGiveBack { lost -> lost.forEach { it.giveBack() } }.map { Job(it) }
  }

  /**
   * Jobs as they come, leased one at a time: the next one when the collector is done with the one before. Settle each.
   *
   * Each collector has a subscription of its own; cancelling the collector closes it and gives back a job that was not collected.
   * The job that is being collected stays leased until it is settled or its lease ends, and so do jobs in a buffer behind this
   * flow: prefer [process], which sees to that.
   *
   * @param lease how long a job is ours before it is renewed
   * @param maxLease how long a job may be held by renewing in all; null never to renew
   * @param onState told of every change of state, on the client's callback executor
   */
  public fun jobs(
    lease: Duration = 30.seconds,
    maxLease: Duration? = maxOf(lease, 1.hours),
    onState: (SubscriptionState) -> Unit = {},
  ): Flow<Job<T>> {
    val options = JobsOptions.builder().lease(lease.finite("the lease")).onState(onState)
    if (maxLease == null) options.withoutRenewal() else options.renewal(maxLease.finite("the longest lease"))
    return java.jobs(options.build()).oneAtATime()
  }

  /**
   * Processes jobs until it is cancelled: [concurrency] at a time, each in a coroutine of its own, in the caller's context.
   *
   * A job whose handler returns is acked. One whose handler throws is nacked; that fails neither other jobs nor the caller. A
   * handler that settles the job itself, by [Job.reject] for instance, has the last word. Leases are renewed while handlers run.
   *
   * Cancelling cancels the running handlers, gives their jobs back to be delivered at once, waits for all that, and takes no
   * more. To let handlers finish instead, use [worker] and close it. Returns when the client was closed and the worker has drained;
   * fails with a `TributaryException` if it cannot go on.
   *
   * @param concurrency how many jobs run side by side, and are leased at most; at least 1
   * @param lease how long a job is ours before it is renewed
   * @param maxLease how long a job may be held by renewing in all, at least the lease; null never to renew
   * @param backoff how long a failed job waits, by its attempt (1 for the first) and failure; null for the queue's policy
   * @param drainTimeout how long a close waits for running handlers before their jobs are given back; null for most of the time that it has
   * @param onState told of every change of state, on the client's callback executor
   */
  public suspend fun process(
    concurrency: Int = 1,
    lease: Duration = 30.seconds,
    maxLease: Duration? = 1.hours,
    backoff: ((attempt: Int, failure: Throwable) -> Duration)? = null,
    drainTimeout: Duration? = null,
    onState: (SubscriptionState) -> Unit = {},
    handler: suspend (Job<T>) -> Unit,
  ): Unit = coroutineScope {
    worker(this, concurrency, lease, maxLease, backoff, drainTimeout, onState, handler)
  }

  /**
   * Starts to [process] jobs in this scope, and returns. The scope does not end before the worker has ended.
   *
   * Closing the worker lets running handlers finish, up to [drainTimeout]. Cancelling the scope is cancelling `process`; a worker
   * that cannot go on fails the scope.
   */
  public fun worker(
    scope: CoroutineScope,
    concurrency: Int = 1,
    lease: Duration = 30.seconds,
    maxLease: Duration? = 1.hours,
    backoff: ((attempt: Int, failure: Throwable) -> Duration)? = null,
    drainTimeout: Duration? = null,
    onState: (SubscriptionState) -> Unit = {},
    handler: suspend (Job<T>) -> Unit,
  ): Worker {
    val options =
      WorkerOptions.builder()
        .concurrency(concurrency)
        .lease(lease.finite("the lease"))
        .onState(onState)
    drainTimeout?.let { options.drainTimeout(it.finite("the drain timeout")) }
    if (maxLease == null) options.withoutRenewal() else options.renewal(maxLease.finite("the longest lease"))
    if (backoff != null) options.backoff { attempt, failure -> backoff(attempt, failure).finite("the backoff") }
    return Worker(java.workIn(scope, options.build(), handler))
  }

  /** Up to [max] jobs without taking them, best first. */
  public suspend fun peek(max: Int): List<PeekedJob<T>> = java.peek(max).await()

  /** The queue's counters. */
  public suspend fun stats(): QueueStats = java.stats().await()

  /** How failed jobs are redelivered. */
  public suspend fun redeliveryPolicy(): RedeliveryPolicy = java.redeliveryPolicy().await()

  /** Sets how failed jobs are redelivered: `setRedeliveryPolicy(redeliveryPolicy(maxAttempts = 5))`. */
  public suspend fun setRedeliveryPolicy(policy: RedeliveryPolicy) {
    java.setRedeliveryPolicy(policy).await()
  }

  /** What failed for good. */
  public fun deadLetters(): DeadLetters<T> = DeadLetters(java.deadLetters())

  /** Drops every job that is not being worked on. */
  public suspend fun purge() {
    java.purge().await()
  }

  private fun options(lease: Duration, maxWait: Duration): ReserveOptions =
    ReserveOptions.builder().lease(lease.finite("the lease")).maxWait(maxWait.finite("the longest wait")).build()
}
