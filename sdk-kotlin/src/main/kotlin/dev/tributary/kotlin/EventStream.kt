package dev.tributary.kotlin

import dev.tributary.RedeliveryPolicy
import dev.tributary.ResourceName
import dev.tributary.SubscriptionState
import dev.tributary.stream.ConsumerOptions
import dev.tributary.stream.Event
import dev.tributary.filter.EventFilter
import dev.tributary.stream.GroupState
import dev.tributary.stream.Message
import dev.tributary.stream.OffsetReset
import dev.tributary.stream.OnUndecodable
import dev.tributary.stream.Position
import dev.tributary.stream.PublisherOptions
import dev.tributary.stream.ReadResult
import dev.tributary.stream.StartAt
import dev.tributary.stream.SubscribeOptions
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration
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
@JvmInline
public value class EventStream<T : Any> internal constructor(
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

  /**
   * A batching publisher. Close it, or [EventPublisher.use] it.
   *
   * @param maxBatchEvents most events in one batch, at least 1; also bounded by the backend
   * @param maxBatchBytes most payload bytes in one batch, at least 1; also bounded by the backend
   * @param linger how long the first event of a batch may wait for company; zero sends as soon as the wire is free
   * @param maxInFlightEvents most events accepted and not yet confirmed
   * @param maxInFlightBytes payload bytes accepted and not yet confirmed from which on nothing more is accepted; the last event may
   *   go past it
   */
  public fun publisher(
    maxBatchEvents: Int = PublisherOptions.DEFAULT.maxBatchEvents,
    maxBatchBytes: Int = PublisherOptions.DEFAULT.maxBatchBytes,
    linger: Duration = PublisherOptions.DEFAULT.linger.toKotlinDuration(),
    maxInFlightEvents: Int = PublisherOptions.DEFAULT.maxInFlightEvents,
    maxInFlightBytes: Long = PublisherOptions.DEFAULT.maxInFlightBytes,
  ): EventPublisher<T> =
    EventPublisher(java.publisher(publishing(maxBatchEvents, maxBatchBytes, linger, maxInFlightEvents, maxInFlightBytes)))

  /**
   * Publishes the events of a flow in their order, and emits the position of each when the backend confirmed it. Each collector collects the
   * events, in its own context, and nothing happens before.
   *
   * An event is collected when the options allow another one in flight: a slow backend, or a slow collector, suspends the events. As nobody knows
   * how large the next ones are, up to 64 may go past [maxInFlightBytes], if they are larger than all before them.
   *
   * It ends when the events ended and all are confirmed; with the error of the events, when all before it are confirmed; with the error of an
   * event, after the events were cancelled. Whose position came is stored; if events behind the one that failed were stored, the error is a
   * `PartialFailureException` with an outcome for each from that one on. Cancelling the collector cancels the events, and withdraws what is not on
   * the wire.
   *
   * @param maxBatchEvents most events in one batch, at least 1; also bounded by the backend
   * @param maxBatchBytes most payload bytes in one batch, at least 1; also bounded by the backend
   * @param linger how long the first event of a batch may wait for company; zero sends as soon as the wire is free
   * @param maxInFlightEvents most events under way; as many positions may wait for a slow collector
   * @param maxInFlightBytes payload bytes under way from which on no event is collected
   */
  public fun publishFrom(
    events: Flow<Event<T>>,
    maxBatchEvents: Int = PublisherOptions.DEFAULT.maxBatchEvents,
    maxBatchBytes: Int = PublisherOptions.DEFAULT.maxBatchBytes,
    linger: Duration = PublisherOptions.DEFAULT.linger.toKotlinDuration(),
    maxInFlightEvents: Int = PublisherOptions.DEFAULT.maxInFlightEvents,
    maxInFlightBytes: Long = PublisherOptions.DEFAULT.maxInFlightBytes,
  ): Flow<Position> {
    val options = publishing(maxBatchEvents, maxBatchBytes, linger, maxInFlightEvents, maxInFlightBytes)
    return flow {
      val source = events.asPublisher(currentCoroutineContext().minusKey(Job))
      emitAll(java.publishFrom(source, options).asFlow().buffer(maxInFlightEvents))
    }
  }

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
   *
   * @param start where to begin
   * @param group whose committed offsets count, and whose members share partitions where the backend balances
   * @param partitions the partitions to read; empty for all, or for those the group assigns
   * @param prefetch how many messages may wait in the client, at least 1; up to eight more may wait for a slow collector
   * @param prefetchBytes how many bytes of messages may wait in the client; null for the client's default
   * @param onOffsetOutOfRange what happens when its place is not in the stream any more
   * @param onUndecodable what becomes of a message that cannot be decoded
   * @param filter which messages are wanted, where the backend has `EVENT_FILTER`; null for all
   * @param onAssigned told of partitions that are read from now on, before the first message of each
   * @param onRevoked told of partitions that are handed over
   * @param onState told of every change of state; like the other listeners on the client's callback executor
   */
  public fun subscribe(
    start: StartAt = StartAt.latest(),
    group: String? = null,
    partitions: Set<Int> = emptySet(),
    prefetch: Int = PREFETCH,
    prefetchBytes: Int? = null,
    onOffsetOutOfRange: OffsetReset = OffsetReset.FAIL,
    onUndecodable: OnUndecodable = OnUndecodable.fail(),
    filter: EventFilter? = null,
    onAssigned: (Set<Int>) -> Unit = {},
    onRevoked: (Set<Int>) -> Unit = {},
    onState: (SubscriptionState) -> Unit = {},
  ): Flow<Message<T>> {
    val options =
      SubscribeOptions.builder()
        .start(start)
        .group(group)
        .partitions(*partitions.toTypedArray())
        .prefetch(prefetch)
        .onOffsetOutOfRange(onOffsetOutOfRange)
        .onUndecodable(onUndecodable)
        .filter(filter)
        .onAssigned(onAssigned)
        .onRevoked(onRevoked)
        .onState(onState)
    prefetchBytes?.let(options::prefetchBytes)
    return java.subscribe(options.build()).asFlow().buffer(minOf(prefetch, HANDED_OVER))
  }

  /**
   * A consumer that polls, seeks and commits. Close it, or [EventConsumer.use] it.
   *
   * @param group the group that is committed to; null for none: then nothing is ever committed
   * @param start where to begin; null for where the group stopped, or the latest without a group
   * @param partitions the partitions to read; empty for all, or for those the group assigns
   * @param prefetch how many messages may wait in the client, at least 1; null for the client's default
   * @param autoCommit how often processed offsets are committed, and on close; null for only when told to
   * @param prefetchBytes how many bytes of messages may wait in the client; null for the client's default
   * @param onOffsetOutOfRange what happens when its place is not in the stream any more
   * @param onUndecodable what becomes of a message that cannot be decoded
   * @param redelivery how a message whose handler failed comes to the handler of [EventConsumer.forEach] again, and after how many attempts it becomes
   *   a dead letter of the stream; null if the first failure ends that
   * @param filter which messages are wanted, where the backend has `EVENT_FILTER`; null for all. Commits move over what does not match: a
   *   group keeps to one filter
   * @param onAssigned told of partitions that are read from now on, before the first message of each
   * @param onRevoked told of partitions that are handed over, where the backend waits for it before they go
   * @param onState told of every change of state; like the other listeners on the client's callback executor
   */
  public fun consumer(
    group: String?,
    start: StartAt? = null,
    partitions: Set<Int> = emptySet(),
    prefetch: Int? = null,
    autoCommit: Duration? = 5.seconds,
    prefetchBytes: Int? = null,
    onOffsetOutOfRange: OffsetReset = OffsetReset.FAIL,
    onUndecodable: OnUndecodable = OnUndecodable.fail(),
    redelivery: RedeliveryPolicy? = null,
    filter: EventFilter? = null,
    onAssigned: (Set<Int>) -> Unit = {},
    onRevoked: (Set<Int>) -> Unit = {},
    onState: (SubscriptionState) -> Unit = {},
  ): EventConsumer<T> {
    val options =
      ConsumerOptions.builder()
        .group(group)
        .partitions(*partitions.toTypedArray())
        .onOffsetOutOfRange(onOffsetOutOfRange)
        .onUndecodable(onUndecodable)
        .redelivery(redelivery)
        .filter(filter)
        .onAssigned(onAssigned)
        .onRevoked(onRevoked)
        .onState(onState)
    prefetchBytes?.let(options::prefetchBytes)
    start?.let(options::start)
    prefetch?.let(options::prefetch)
    if (autoCommit == null) options.manualCommit() else options.autoCommit(autoCommit.finite("the commit interval"))
    return EventConsumer(java.consumer(options.build()))
  }

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
  public fun delayed(): DelayedEvents = DelayedEvents(java.delayed())

  /** Its server-side replays. */
  public fun replays(): Replays = Replays(java.replays())

  /** What failed for good. */
  public fun deadLetters(): DeadLetters<T> = DeadLetters(java.deadLetters())
}

/** Enough to keep a collector busy, little enough to hold. */
internal const val PREFETCH = 64

/** What has left the client's prefetch, and its count of bytes, and waits for the collector: as few as do without a switch of threads each. */
private const val HANDED_OVER = 8

/** The options of a publisher. */
private fun publishing(maxBatchEvents: Int, maxBatchBytes: Int, linger: Duration, maxInFlightEvents: Int, maxInFlightBytes: Long): PublisherOptions =
  PublisherOptions.builder()
    .maxBatchEvents(maxBatchEvents)
    .maxBatchBytes(maxBatchBytes)
    .linger(linger.finite("the linger"))
    .maxInFlightEvents(maxInFlightEvents)
    .maxInFlightBytes(maxInFlightBytes)
    .build()
