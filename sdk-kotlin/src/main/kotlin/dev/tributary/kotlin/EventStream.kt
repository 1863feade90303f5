package dev.tributary.kotlin

import dev.tributary.ResourceName
import dev.tributary.filter.EventFilter
import dev.tributary.stream.ConsumerOptions
import dev.tributary.stream.Event
import dev.tributary.stream.GroupState
import dev.tributary.stream.Message
import dev.tributary.stream.Position
import dev.tributary.stream.PublisherOptions
import dev.tributary.stream.ReadResult
import dev.tributary.stream.StartAt
import dev.tributary.stream.SubscribeOptions
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.future.await
import kotlinx.coroutines.jdk9.asFlow
import kotlinx.coroutines.jdk9.asPublisher
import dev.tributary.EventStream as JavaEventStream

/** The same stream for coroutines. */
public fun <T : Any> JavaEventStream<T>.asKotlin(): EventStream<T> = EventStream(this)

/**
 * A stream of events of one type. A handle without cost: make it where it is needed; nothing is sent by making it.
 *
 * A committed offset is always the *next* offset to read. Cancellation is described at [Tributary].
 */
public class EventStream<T : Any> internal constructor(
  /** The Java stream. */
  public val java: JavaEventStream<T>,
) {
  /** The full name. */
  public val name: ResourceName
    get() = java.name()

  /**
   * Publishes an event and waits for its confirmation.
   *
   * @return where it is. Without a deduplication id it is not retried once it may have been applied: then the error says
   *   `maybeApplied`.
   */
  public suspend fun publish(event: Event<T>): Position = java.publish(event).await()

  /** Publishes a value and waits for its confirmation: `publish(order) { key(order.customer) }`. */
  public suspend inline fun publish(value: T, more: EventBuilder<T>.() -> Unit = {}): Position = publish(event(value, more))

  /**
   * Publishes events in order, split into several calls where the backend wants that.
   *
   * @return where they are, in order. Fails with `PartialFailureException` if only some were stored.
   */
  public suspend fun publishAll(events: List<Event<T>>): List<Position> = java.publishAll(events).await()

  /** A batching publisher. Close it, or [EventPublisher.use] it. */
  public fun publisher(options: PublisherOptions): EventPublisher<T> = EventPublisher(java.publisher(options))

  /** A batching publisher: `publisher { linger(5.milliseconds) }`. Close it, or [EventPublisher.use] it. */
  public inline fun publisher(options: PublisherOptionsBuilder.() -> Unit = {}): EventPublisher<T> = publisher(publisherOptions(options))

  /**
   * Publishes the events of a flow in their order, and emits the position of each when the backend confirmed it. Each collector collects the
   * events, in its own context, and nothing happens before.
   *
   * An event is collected when the options allow another one in flight: a slow backend, or a slow collector, suspends the events; as many positions
   * as events may be in flight may wait for a slow collector. As nobody knows how large the next ones are, up to 64 may go past the bytes that may be
   * in flight, if they are larger than all before them.
   *
   * It ends when the events ended and all are confirmed; with the error of the events, when all before it are confirmed; with the error of an
   * event, after the events were cancelled. Whose position came is stored; if events behind the one that failed were stored, the error is a
   * `PartialFailureException` with an outcome for each from that one on. Cancelling the collector cancels the events, and withdraws what is not on
   * the wire.
   */
  public fun publishFrom(events: Flow<Event<T>>, options: PublisherOptions): Flow<Position> =
    flow {
      val source = events.asPublisher(currentCoroutineContext().minusKey(Job))
      emitAll(java.publishFrom(source, options).asFlow().buffer(options.maxInFlightEvents))
    }

  /** Publishes the events of a flow in their order: `publishFrom(events) { maxInFlightEvents(100) }`. */
  public inline fun publishFrom(events: Flow<Event<T>>, options: PublisherOptionsBuilder.() -> Unit = {}): Flow<Position> =
    publishFrom(events, publisherOptions(options))

  /**
   * Reads up to [max] messages from this offset on.
   *
   * @return the messages in order; empty at the end of the stream, possibly fewer than there are
   */
  public suspend fun read(partition: Int, offset: Long, max: Int): List<Message<T>> = java.read(partition, offset, max).await()

  /**
   * Reads up to [max] messages that match from this offset on, where the backend has `EVENT_FILTER`.
   *
   * @return the messages in order, and where to read on. There may be none although there are some further on: no more is looked at
   *   than a call should take. Only where it leads no further is the end of the stream.
   */
  public suspend fun read(partition: Int, offset: Long, max: Int, filter: EventFilter): ReadResult<T> =
    java.read(partition, offset, max, filter).await()

  /**
   * Messages as they come. Each collector has a subscription of its own, which resumes after any fault from the last message it
   * delivered, and ends only by cancellation, by closing the client, or with an error that trying again cannot mend. Cancelling
   * the collector closes the subscription. A subscription never commits by itself; a [consumer] does.
   */
  public fun subscribe(options: SubscribeOptions): Flow<Message<T>> =
    java.subscribe(options).asFlow().buffer(minOf(options.prefetch().orNull() ?: HANDED_OVER, HANDED_OVER))

  /** Messages as they come: `subscribe(StartAt.earliest()) { prefetch(10) }`, by default from now on, or where the group stopped if there is one. */
  public inline fun subscribe(start: StartAt? = null, options: SubscribeOptionsBuilder.() -> Unit = {}): Flow<Message<T>> {
    val builder = SubscribeOptions.builder()
    if (start != null) {
      builder.start(start)
    }
    return subscribe(SubscribeOptionsBuilder(builder).apply(options).builder.build())
  }

  /** A consumer that polls, seeks and commits. Close it, or [EventConsumer.use] it. */
  public fun consumer(options: ConsumerOptions): EventConsumer<T> {
    val state = newState()
    return EventConsumer(java.consumer(options.keeping(state)), state)
  }

  /**
   * A consumer that polls, seeks and commits: `consumer("billing") { manualCommit() }`. Close it, or [EventConsumer.use] it.
   *
   * @param group the group that is committed to; null for none: then nothing is ever committed
   */
  public inline fun consumer(group: String?, options: ConsumerOptionsBuilder.() -> Unit = {}): EventConsumer<T> =
    consumer(consumerOptions(group, options))

  /**
   * Gives every message to the handler until it is cancelled: a [consumer] for as long as the call goes on, with the meaning of
   * [EventConsumer.forEach]. What was processed is committed when it ends, with auto-commit, unless the handler failed at something before it.
   *
   * Fails with what the handler failed with, unless there is a policy of redelivery. Cancelling cancels the running handlers, leaves their messages
   * uncommitted, and waits until the consumer is closed. Returns when the client was closed.
   */
  public suspend fun process(options: ConsumerOptions, handler: suspend (Message<T>) -> Unit): Unit =
    consumer(options).use { it.forEach(handler) }

  /**
   * Gives every message to the handler until it is cancelled: `process("billing") { bill(it.value) }`.
   *
   * @param group the group that is committed to; null for none: then nothing is ever committed
   */
  public suspend inline fun process(
    group: String?,
    options: ConsumerOptionsBuilder.() -> Unit = {},
    noinline handler: suspend (Message<T>) -> Unit,
  ): Unit = process(consumerOptions(group, options), handler)

  /** Commits for a group from outside it: the next offset to read. May go backwards. */
  public suspend fun commit(group: String, next: Position) {
    java.commit(group, next).await()
  }

  /** The next offset to read; null if the group never committed. */
  public suspend fun committed(group: String, partition: Int): Long? = java.committed(group, partition).await().orNull()

  /** The offset of the last message; null if there is none. */
  public suspend fun latestOffset(partition: Int): Long? = java.latestOffset(partition).await().orNull()

  /** How many partitions the stream has. */
  public suspend fun partitions(): Int = java.partitions().await()

  /** How far a group is. */
  public suspend fun groupState(group: String): GroupState = java.groupState(group).await()

  /** The groups that committed or have members. */
  public suspend fun groups(): List<String> = java.groups().await()

  /**
   * Deletes a group and all that it committed; fails with `NotFoundException` if there is none, with `ConflictException` if it has
   * members.
   */
  public suspend fun deleteGroup(group: String) {
    java.deleteGroup(group).await()
  }

  /** The events that wait for their time. */
  public val delayed: DelayedEvents
    get() = DelayedEvents(java.delayed())

  /** Its server-side replays. */
  public val replays: Replays
    get() = Replays(java.replays())

  /** What failed for good. */
  public val deadLetters: DeadLetters<T>
    get() = DeadLetters(java.deadLetters())
}

/** Enough to keep a collector busy, little enough to hold. */
internal const val PREFETCH = 64

/** Enough to look at. */
internal const val PAGE = 100

/** What has left the client's prefetch, and its count of bytes, and waits for the collector: as few as do without a switch of threads each. */
private const val HANDED_OVER = 8
