package dev.tributary.kotlin

import dev.tributary.RedeliveryPolicy
import dev.tributary.ResourceName
import dev.tributary.queue.EnqueueResult
import dev.tributary.queue.JobsOptions
import dev.tributary.queue.NewJob
import dev.tributary.queue.PeekedJob
import dev.tributary.queue.QueueStats
import dev.tributary.queue.ReserveOptions
import dev.tributary.queue.WorkerOptions
import kotlin.jvm.optionals.getOrNull
import kotlin.time.Duration
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
public class JobQueue<T : Any> internal constructor(
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
  public suspend fun reserve(lease: Duration = 30.seconds, maxWait: Duration = Duration.ZERO): LeasedJob<T>? {
    val reserved = java.reserve(options(lease, maxWait))
    return reserved.awaitOrGiveBack { lost -> lost.ifPresent { it.giveBack() } }.getOrNull()?.let { LeasedJob(it) }
  }

  /** Takes up to [max] jobs; empty if none came in time. Waits for the first only; [lease] and [maxWait] are those of [reserve]. */
  public suspend fun receive(max: Int, lease: Duration = 30.seconds, maxWait: Duration = Duration.ZERO): List<LeasedJob<T>> {
    val received = java.receive(max, options(lease, maxWait))
    return received.awaitOrGiveBack { lost -> lost.forEach { it.giveBack() } }.map { LeasedJob(it) }
  }

  /**
   * Jobs as they come, leased one at a time: the next one when the collector is done with the one before. Settle each.
   *
   * Each collector has a subscription of its own; cancelling the collector closes it and gives back a job that was not collected.
   * The job that is being collected stays leased until it is settled or its lease ends, and so do jobs in a buffer behind this
   * flow: prefer [process], which sees to that.
   */
  public fun jobs(options: JobsOptions): Flow<LeasedJob<T>> = java.jobs(options).oneAtATime()

  /** Jobs as they come, leased one at a time: `jobs { lease(1.minutes) }`. */
  public inline fun jobs(options: JobsOptionsBuilder.() -> Unit = {}): Flow<LeasedJob<T>> =
    jobs(JobsOptionsBuilder(JobsOptions.builder()).apply(options).builder.build())

  /**
   * Processes jobs until it is cancelled, each in a coroutine of its own, in the caller's context.
   *
   * A job whose handler returns is acked. One whose handler throws is nacked; that fails neither other jobs nor the caller. A
   * handler that settles the job itself, by [LeasedJob.reject] for instance, has the last word. Leases are renewed while handlers run.
   *
   * Cancelling cancels the running handlers, gives their jobs back to be delivered at once, waits for all that, and takes no
   * more. To let handlers finish instead, use [processIn] and close the worker. Returns when the client was closed and the worker has drained;
   * fails with a `TributaryException` if it cannot go on.
   */
  public suspend fun process(options: WorkerOptions, handler: suspend (LeasedJob<T>) -> Unit): Unit = coroutineScope {
    processIn(this, options, handler)
  }

  /**
   * Processes jobs until it is cancelled: `process(concurrency = 16) { send(it.value) }`.
   *
   * @param concurrency how many jobs run side by side, and are leased at most; at least 1
   * @param options what else there is to say: `{ lease(1.minutes) }`
   */
  public suspend inline fun process(
    concurrency: Int = 1,
    options: WorkerOptionsBuilder.() -> Unit = {},
    noinline handler: suspend (LeasedJob<T>) -> Unit,
  ): Unit = process(workerOptions(concurrency, options), handler)

  /**
   * Starts to [process] jobs in this scope, and returns. The scope does not end before the worker has ended.
   *
   * Closing the worker lets running handlers finish, up to its drain timeout. Cancelling the scope is cancelling `process`; a worker
   * that cannot go on fails the scope.
   */
  public fun processIn(scope: CoroutineScope, options: WorkerOptions, handler: suspend (LeasedJob<T>) -> Unit): Worker {
    val state = newState()
    return Worker(java.workIn(scope, options.keeping(state), handler), state)
  }

  /** Starts to [process] jobs in this scope, with the same options, and returns. */
  public inline fun processIn(
    scope: CoroutineScope,
    concurrency: Int = 1,
    options: WorkerOptionsBuilder.() -> Unit = {},
    noinline handler: suspend (LeasedJob<T>) -> Unit,
  ): Worker = processIn(scope, workerOptions(concurrency, options), handler)

  /** Up to [max] jobs, 100 by default, without taking them, best first. */
  public suspend fun peek(max: Int = PAGE): List<PeekedJob<T>> = java.peek(max).await()

  /** The queue's counters. */
  public suspend fun stats(): QueueStats = java.stats().await()

  /** How failed jobs are redelivered. */
  public suspend fun redeliveryPolicy(): RedeliveryPolicy = java.redeliveryPolicy().await()

  /** Sets how failed jobs are redelivered: `setRedeliveryPolicy(redeliveryPolicy { maxAttempts(5) })`. */
  public suspend fun setRedeliveryPolicy(policy: RedeliveryPolicy) {
    java.setRedeliveryPolicy(policy).await()
  }

  /** What failed for good. */
  public val deadLetters: DeadLetters<T>
    get() = DeadLetters(java.deadLetters())

  /** Drops every job that is not being worked on. */
  public suspend fun purge() {
    java.purge().await()
  }

  private fun options(lease: Duration, maxWait: Duration): ReserveOptions =
    ReserveOptions.builder().lease(lease.finite("the lease")).maxWait(maxWait.finite("the longest wait")).build()
}
