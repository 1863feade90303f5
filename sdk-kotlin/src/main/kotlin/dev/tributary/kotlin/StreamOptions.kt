package dev.tributary.kotlin

import dev.tributary.RedeliveryPolicy
import dev.tributary.SubscriptionState
import dev.tributary.filter.EventFilter
import dev.tributary.stream.ConsumerOptions
import dev.tributary.stream.OffsetReset
import dev.tributary.stream.OnUndecodable
import dev.tributary.stream.PublisherOptions
import dev.tributary.stream.StartAt
import dev.tributary.stream.SubscribeOptions
import kotlin.time.Duration

@PublishedApi
internal inline fun consumerOptions(group: String?, options: ConsumerOptionsBuilder.() -> Unit): ConsumerOptions =
  ConsumerOptionsBuilder(ConsumerOptions.builder().group(group)).apply(options).builder.build()

@PublishedApi
internal inline fun publisherOptions(options: PublisherOptionsBuilder.() -> Unit): PublisherOptions =
  PublisherOptionsBuilder(PublisherOptions.builder()).apply(options).builder.build()

/** How to subscribe. */
@TributaryDsl
@JvmInline
public value class SubscribeOptionsBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: SubscribeOptions.Builder,
) {
  /** The group whose committed offsets count, and whose members share partitions where the backend balances. */
  public fun group(group: String?) {
    builder.group(group)
  }

  /** Where to begin; by default where the group stopped, or with what is published from now on without one. */
  public fun start(start: StartAt) {
    builder.start(start)
  }

  /** Reads only these partitions; by default all, or those that the group assigns. */
  public fun partitions(partitions: Set<Int>) {
    builder.partitions(*partitions.toTypedArray())
  }

  /** How many messages may wait in the client, at least 1, by default the client's prefetch; up to eight more may wait for a slow collector. */
  public fun prefetch(messages: Int) {
    builder.prefetch(messages)
  }

  /** How many bytes of messages may wait in the client, at least 1; one message may go past it. */
  public fun prefetchBytes(bytes: Int) {
    builder.prefetchBytes(bytes)
  }

  /** What happens when its place is not in the stream any more; [OffsetReset.FAIL] by default. */
  public fun onOffsetOutOfRange(reset: OffsetReset) {
    builder.onOffsetOutOfRange(reset)
  }

  /** What becomes of a message that cannot be decoded; it fails by default. */
  public fun onUndecodable(policy: OnUndecodable) {
    builder.onUndecodable(policy)
  }

  /** Which messages are wanted, with `EVENT_FILTER`; all by default, or with null. */
  public fun filter(filter: EventFilter?) {
    builder.filter(filter)
  }

  /** Told of partitions that are read from now on, on the client's callback executor, before the first message of each. */
  public fun onAssigned(listener: (Set<Int>) -> Unit) {
    builder.onAssigned(listener)
  }

  /** Told of partitions that are handed over, on the client's callback executor. */
  public fun onRevoked(listener: (Set<Int>) -> Unit) {
    builder.onRevoked(listener)
  }

  /** Told of every change of state, on the client's callback executor. */
  public fun onState(listener: (SubscriptionState) -> Unit) {
    builder.onState(listener)
  }
}

/** How to consume. */
@TributaryDsl
@JvmInline
public value class ConsumerOptionsBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: ConsumerOptions.Builder,
) {
  /** The group that is committed to; with null nothing is ever committed. */
  public fun group(group: String?) {
    builder.group(group)
  }

  /** Where to begin: by default where the group stopped, or the latest without a group. */
  public fun start(start: StartAt) {
    builder.start(start)
  }

  /** Reads only these partitions; by default all, or those that the group assigns. */
  public fun partitions(partitions: Set<Int>) {
    builder.partitions(*partitions.toTypedArray())
  }

  /** How many messages may wait in the client, at least 1; by default the client's prefetch. */
  public fun prefetch(messages: Int) {
    builder.prefetch(messages)
  }

  /** How many bytes of messages may wait in the client, at least 1; one message may go past it. */
  public fun prefetchBytes(bytes: Int) {
    builder.prefetchBytes(bytes)
  }

  /** Commits what was processed this often, and on close; every 5 s by default. */
  public fun autoCommit(interval: Duration) {
    builder.autoCommit(interval.finite("the commit interval"))
  }

  /** Commits only when told to. */
  public fun manualCommit() {
    builder.manualCommit()
  }

  /** What happens when its place is not in the stream any more; [OffsetReset.FAIL] by default. */
  public fun onOffsetOutOfRange(reset: OffsetReset) {
    builder.onOffsetOutOfRange(reset)
  }

  /** What becomes of a message that cannot be decoded; it fails by default. */
  public fun onUndecodable(policy: OnUndecodable) {
    builder.onUndecodable(policy)
  }

  /**
   * How a message whose handler failed comes to the handler of `forEach` again, and after how many attempts it becomes a dead letter of the
   * stream, with `DEAD_LETTER_ADD`; by default, or with null, the first failure ends the `forEach`. Attempts are counted by this consumer.
   */
  public fun redelivery(policy: RedeliveryPolicy?) {
    builder.redelivery(policy)
  }

  /**
   * Which messages are wanted, with `EVENT_FILTER`; all by default, or with null. Commits move over what does not match: a group keeps to one
   * filter.
   */
  public fun filter(filter: EventFilter?) {
    builder.filter(filter)
  }

  /** Told of partitions that are read from now on, on the client's callback executor, before the first message of each. */
  public fun onAssigned(listener: (Set<Int>) -> Unit) {
    builder.onAssigned(listener)
  }

  /** Told of partitions that are handed over, on the client's callback executor, where the backend waits for it before they go. */
  public fun onRevoked(listener: (Set<Int>) -> Unit) {
    builder.onRevoked(listener)
  }

  /** How long a close waits for running handlers, not negative; by default most of the time that the close has. */
  public fun drainTimeout(timeout: Duration) {
    builder.drainTimeout(timeout.finite("the drain timeout"))
  }

  /** Told of every change of state, on the client's callback executor; `state` has the last one. */
  public fun onState(listener: (SubscriptionState) -> Unit) {
    builder.onState(listener)
  }
}

/** How a publisher gathers events into batches, and how much it takes at once. */
@TributaryDsl
@JvmInline
public value class PublisherOptionsBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: PublisherOptions.Builder,
) {
  /** Most events in one batch, at least 1, 1,000 by default; also bounded by the backend. */
  public fun maxBatchEvents(events: Int) {
    builder.maxBatchEvents(events)
  }

  /** Most payload bytes in one batch, at least 1, 1 MiB by default; also bounded by the backend. */
  public fun maxBatchBytes(bytes: Int) {
    builder.maxBatchBytes(bytes)
  }

  /** How long the first event of a batch may wait for company; zero, the default, sends as soon as the wire is free. */
  public fun linger(linger: Duration) {
    builder.linger(linger.finite("the linger"))
  }

  /** Most events accepted and not yet confirmed, at least 1; 10,000 by default. */
  public fun maxInFlightEvents(events: Int) {
    builder.maxInFlightEvents(events)
  }

  /** Payload bytes accepted and not yet confirmed from which on nothing more is accepted, 32 MiB by default; the last event may go past it. */
  public fun maxInFlightBytes(bytes: Long) {
    builder.maxInFlightBytes(bytes)
  }
}
