package dev.tributary.kotlin

import dev.tributary.RedeliveryPolicy
import dev.tributary.admin.QueueConfig
import dev.tributary.admin.QueueUpdate
import kotlin.time.Duration

/** How a queue redelivers failed jobs, and a consumer messages: `redeliveryPolicy { maxAttempts(5) }`; 3 attempts, 1 s, doubling, up to a minute. */
public inline fun redeliveryPolicy(policy: RedeliveryPolicyBuilder.() -> Unit = {}): RedeliveryPolicy =
  RedeliveryPolicyBuilder(RedeliveryPolicy.builder()).apply(policy).builder.build()

/** How a queue redelivers failed jobs, and a consumer the messages that its handler failed at. */
@TributaryDsl
@JvmInline
public value class RedeliveryPolicyBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: RedeliveryPolicy.Builder,
) {
  /** Deliveries after which it becomes a dead letter, 3 by default; 0 for unlimited. */
  public fun maxAttempts(attempts: Int) {
    builder.maxAttempts(attempts)
  }

  /** The wait after the first failure, positive; 1 s by default. */
  public fun initialBackoff(backoff: Duration) {
    builder.initialBackoff(backoff.finite("the initial backoff"))
  }

  /** The longest wait, at least the initial one; a minute by default. */
  public fun maxBackoff(backoff: Duration) {
    builder.maxBackoff(backoff.finite("the maximal backoff"))
  }

  /** The growth of the exponential strategy, positive; 2.0 by default. */
  public fun multiplier(multiplier: Double) {
    builder.multiplier(multiplier)
  }

  /** How the wait grows; exponentially by default. */
  public fun strategy(strategy: RedeliveryPolicy.Strategy) {
    builder.strategy(strategy)
  }

  /** Always the same wait, positive. */
  public fun fixedBackoff(backoff: Duration) {
    builder.fixedBackoff(backoff.finite("the backoff"))
  }
}

/** How a queue is made; what is not said is as the backend has it. */
@TributaryDsl
@JvmInline
public value class QueueConfigBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: QueueConfig.Builder,
) {
  /** How many partitions, at least 1; 1 by default. */
  public fun partitions(partitions: Int) {
    builder.partitions(partitions)
  }

  /** On how many nodes each partition is kept, at least 1; 1 by default. */
  public fun replicas(replicas: Int) {
    builder.replicas(replicas)
  }

  /** The lease when a consumer asks for none, positive; 30 s by default. */
  public fun lease(lease: Duration) {
    builder.lease(lease.finite("the lease"))
  }

  /** How long a job is kept at most, positive; rounded up where the backend is coarser. */
  public fun retention(retention: Duration) {
    builder.retention(retention.finite("the retention"))
  }

  /** Deliveries after which a job becomes a dead letter; 0 for unlimited. In place of a [redelivery] policy. */
  public fun maxAttempts(attempts: Int) {
    builder.maxAttempts(attempts)
  }

  /** What happens to failed jobs, the attempts included, where the backend lets that be chosen; see [redeliveryPolicy]. */
  public fun redelivery(policy: RedeliveryPolicy) {
    builder.redelivery(policy)
  }

  /** How long dead letters are kept, positive; rounded up where the backend is coarser. */
  public fun deadLetterRetention(retention: Duration) {
    builder.deadLetterRetention(retention.finite("the dead letter retention"))
  }

  /** A setting that only this backend has, by the name its page of the documentation gives. */
  public fun option(name: String, value: String) {
    builder.option(name, value)
  }
}

/** Settings of a queue that are to change; what is not said stays as it is. */
@TributaryDsl
@JvmInline
public value class QueueUpdateBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: QueueUpdate.Builder,
) {
  /** The lease when a consumer asks for none, positive. */
  public fun lease(lease: Duration) {
    builder.lease(lease.finite("the lease"))
  }

  /** How long a job is kept at most, positive; rounded up where the backend is coarser. */
  public fun retention(retention: Duration) {
    builder.retention(retention.finite("the retention"))
  }

  /** Deliveries after which a job becomes a dead letter; 0 for unlimited. */
  public fun maxAttempts(attempts: Int) {
    builder.maxAttempts(attempts)
  }

  /** How long dead letters are kept, positive; rounded up where the backend is coarser. */
  public fun deadLetterRetention(retention: Duration) {
    builder.deadLetterRetention(retention.finite("the dead letter retention"))
  }

  /** A setting that only this backend has, by the name its page of the documentation gives. */
  public fun option(name: String, value: String) {
    builder.option(name, value)
  }
}
