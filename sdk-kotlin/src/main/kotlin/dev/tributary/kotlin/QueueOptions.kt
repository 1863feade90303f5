package dev.tributary.kotlin

import dev.tributary.SubscriptionState
import dev.tributary.queue.JobsOptions
import dev.tributary.queue.WorkerOptions
import kotlin.time.Duration

@PublishedApi
internal inline fun workerOptions(concurrency: Int, options: WorkerOptionsBuilder.() -> Unit): WorkerOptions =
  WorkerOptionsBuilder(WorkerOptions.builder().concurrency(concurrency)).apply(options).builder.build()

/** How jobs are streamed. */
@TributaryDsl
@JvmInline
public value class JobsOptionsBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: JobsOptions.Builder,
) {
  /** How long a job is ours before it is renewed, positive; 30 s by default. */
  public fun lease(lease: Duration) {
    builder.lease(lease.finite("the lease"))
  }

  /** Extends leases until the job is settled, up to this long in all, at least the lease; by default an hour, or the lease if that is longer. */
  public fun renewal(maxLease: Duration) {
    builder.renewal(maxLease.finite("the longest lease"))
  }

  /** Never extends a lease. */
  public fun withoutRenewal() {
    builder.withoutRenewal()
  }

  /** Told of every change of state, on the client's callback executor. */
  public fun onState(listener: (SubscriptionState) -> Unit) {
    builder.onState(listener)
  }
}

/** How jobs are processed. Where handlers run is said by the dispatcher of their scope. */
@TributaryDsl
@JvmInline
public value class WorkerOptionsBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: WorkerOptions.Builder,
) {
  /** How many jobs run side by side, and are leased at most, at least 1; 1 by default. */
  public fun concurrency(jobs: Int) {
    builder.concurrency(jobs)
  }

  /** How long a job is ours before it is renewed, positive; 30 s by default. */
  public fun lease(lease: Duration) {
    builder.lease(lease.finite("the lease"))
  }

  /** Extends leases while handlers run, up to this long in all, at least the lease; by default an hour, or the lease if that is longer. */
  public fun renewal(maxLease: Duration) {
    builder.renewal(maxLease.finite("the longest lease"))
  }

  /** Never extends a lease. */
  public fun withoutRenewal() {
    builder.withoutRenewal()
  }

  /** How long a failed job waits, by its attempt (1 for the first) and failure; by default the queue's policy says so. */
  public fun backoff(backoff: (attempt: Int, failure: Throwable) -> Duration) {
    builder.backoff { attempt, failure -> backoff(attempt, failure).finite("the backoff") }
  }

  /** How long a close waits for running handlers before their jobs are given back; by default most of the time that it has. */
  public fun drainTimeout(timeout: Duration) {
    builder.drainTimeout(timeout.finite("the drain timeout"))
  }

  /** Told of every change of state, on the client's callback executor; `state` has the last one. */
  public fun onState(listener: (SubscriptionState) -> Unit) {
    builder.onState(listener)
  }
}
