package dev.tributary.kotlin

import dev.tributary.ResourceName
import dev.tributary.config.ClientConfig
import dev.tributary.config.Credentials
import dev.tributary.config.Retry
import dev.tributary.config.Tls
import dev.tributary.error.TributaryException
import dev.tributary.observe.Instrumentation
import dev.tributary.queue.NewJob
import dev.tributary.queue.ProducerSequence
import dev.tributary.spi.TimeSource
import dev.tributary.stream.Event
import dev.tributary.stream.EventKey
import dev.tributary.stream.StreamSelection
import java.util.concurrent.Executor
import kotlin.time.Duration
import kotlin.time.Instant
import kotlin.time.toJavaInstant
import kotlin.time.toKotlinDuration

/** Keeps the functions of an outer builder out of the lambda of an inner one. */
@DslMarker
@Target(AnnotationTarget.CLASS)
public annotation class TributaryDsl

/** An event of this value: `event(order) { key(order.customer) }`. */
public inline fun <T : Any> event(value: T, more: EventBuilder<T>.() -> Unit = {}): Event<T> =
  EventBuilder(Event.builder(value)).apply(more).builder.build()

/** A job of this value: `newJob(order) { delay(5.seconds) }`. */
public inline fun <T : Any> newJob(value: T, more: NewJobBuilder<T>.() -> Unit = {}): NewJob<T> =
  NewJobBuilder(NewJob.builder(value)).apply(more).builder.build()

/** Streams by name, by pattern, or both: `streams { matching("orders.#") }`. */
public inline fun streams(which: StreamSelectionBuilder.() -> Unit): StreamSelection =
  StreamSelectionBuilder(StreamSelection.builder()).apply(which).builder.build()

/** Which streams to consume. */
@TributaryDsl
@JvmInline
public value class StreamSelectionBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: StreamSelection.Builder,
) {
  /** Adds the streams of these names. */
  public fun streams(vararg names: String) {
    builder.streams(*names)
  }

  /** Adds the streams that match these patterns, now and later; see [dev.tributary.stream.StreamPattern]. */
  public fun matching(vararg patterns: String) {
    builder.matching(*patterns)
  }

  /** How often streams are looked up that match a pattern; 30 s by default. */
  public fun refresh(every: Duration) {
    builder.refresh(every.finite("the refresh interval"))
  }

  /** How many streams there may be, at least 1, 256 by default. More are refused, and none of them is left out without a word. */
  public fun maxStreams(most: Int) {
    builder.maxStreams(most)
  }

  /** Told of each stream that is read from now on, on the client's callback executor, before its first message. */
  public fun onJoined(listener: (ResourceName) -> Unit) {
    builder.onJoined(listener)
  }

  /** Told of each stream that is not read any more because it was deleted, on the client's callback executor. */
  public fun onLeft(listener: (ResourceName) -> Unit) {
    builder.onLeft(listener)
  }

  /** Told of each look at the streams that failed, on the client's callback executor; the streams stay what they are. */
  public fun onRefreshFailed(listener: (TributaryException) -> Unit) {
    builder.onRefreshFailed(listener)
  }
}

/** What an event has beside its value. */
@TributaryDsl
@JvmInline
public value class EventBuilder<T : Any> @PublishedApi internal constructor(
  @PublishedApi internal val builder: Event.Builder<T>,
) {
  /** Events of one key go to one partition and stay in order. An empty one is refused when it is published. */
  public fun key(key: String?) {
    builder.key(key)
  }

  /** The same for a key that need not be text; of the bytes a copy is made. */
  public fun key(key: ByteArray) {
    builder.key(key)
  }

  /** The same for the key of another event or message. */
  public fun key(key: EventKey?) {
    builder.key(key)
  }

  /** Adds a header; a later one of the same name wins. */
  public fun header(name: String, value: String) {
    builder.header(name, value)
  }

  /** Adds headers; later ones of the same name win. */
  public fun headers(more: Map<String, String>) {
    builder.headers(more)
  }

  /** Chooses the partition, from 0. */
  public fun partition(partition: Int) {
    builder.partition(partition)
  }

  /** Stays unreadable for this long; rounded up where the backend is coarser. Zero for not at all. */
  public fun delay(delay: Duration) {
    builder.delay(delay.finite("the delay"))
  }

  /** Stops being readable after this long; rounded up where the backend is coarser. */
  public fun ttl(ttl: Duration) {
    builder.ttl(ttl.finite("the ttl"))
  }

  /** Higher first; 0 is normal. */
  public fun priority(priority: Int) {
    builder.priority(priority)
  }

  /** Makes a second event of the same id a duplicate, and a retry safe. */
  public fun deduplicationId(id: String?) {
    builder.deduplicationId(id)
  }

  /**
   * Stores the event only if its value matches the latest version of this subject, which is named like every resource. Else publishing fails with
   * `SchemaRejectedException`, and with `NotFoundException` if there is no such subject.
   */
  public fun schema(subject: String?) {
    builder.schema(subject)
  }
}

/** What a job has beside its value. */
@TributaryDsl
@JvmInline
public value class NewJobBuilder<T : Any> @PublishedApi internal constructor(
  @PublishedApi internal val builder: NewJob.Builder<T>,
) {
  /** Adds a header; a later one of the same name wins. */
  public fun header(name: String, value: String) {
    builder.header(name, value)
  }

  /** Adds headers; later ones of the same name win. */
  public fun headers(more: Map<String, String>) {
    builder.headers(more)
  }

  /** Stays invisible for this long; rounded up where the backend is coarser. Zero for not at all. Ends [notBefore]. */
  public fun delay(delay: Duration) {
    builder.delay(delay.finite("the delay"))
  }

  /** Stays invisible until this time, by the client's clock; one that has passed means not at all. Ends [delay]. */
  public fun notBefore(time: Instant) {
    builder.notBefore(time.toJavaInstant())
  }

  /** Higher first; 0 is normal. */
  public fun priority(priority: Int) {
    builder.priority(priority)
  }

  /** Makes a second job of the same id a duplicate, and a retry safe. Ends [producerSequence]. */
  public fun deduplicationId(id: String?) {
    builder.deduplicationId(id)
  }

  /**
   * Numbers the job by hand: for a producer that knows after a restart which numbers it gave, from its own tables for instance. Ends
   * [deduplicationId].
   */
  public fun producerSequence(number: ProducerSequence?) {
    builder.producerSequence(number)
  }

  /** Chooses the partition of a partitioned queue. */
  public fun partitionKey(key: String?) {
    builder.partitionKey(key)
  }

  /** Expires if not processed within this time. */
  public fun ttl(ttl: Duration) {
    builder.ttl(ttl.finite("the ttl"))
  }

  /** Deliveries after which it becomes a dead letter, at least 1. */
  public fun maxAttempts(attempts: Int) {
    builder.maxAttempts(attempts)
  }
}

/** What a client is told beside its URI; what is not said comes from the URI, then from the defaults. */
@TributaryDsl
@JvmInline
public value class ConfigBuilder @PublishedApi internal constructor(
  @PublishedApi internal val builder: ClientConfig.Builder,
) {
  /** Adds an endpoint; several are tried in order. */
  public fun endpoint(host: String, port: Int) {
    builder.endpoint(host, port)
  }

  /** The name of an in-process engine. */
  public fun instance(name: String?) {
    builder.instance(name)
  }

  /** The tenant of short names; `default` by default. */
  public fun tenant(tenant: String) {
    builder.tenant(tenant)
  }

  /** The namespace of short names; `default` by default. */
  public fun namespace(namespace: String) {
    builder.namespace(namespace)
  }

  /** A fixed token. */
  public fun token(token: String) {
    builder.token(token)
  }

  /** Fixed credentials. */
  public fun credentials(credentials: Credentials) {
    builder.credentials(credentials)
  }

  /** Credentials that may change; anonymous by default. */
  public fun credentials(provider: Credentials.Provider) {
    builder.credentials(provider)
  }

  /**
   * Lets credentials leave this machine without TLS; by default a client whose credentials would is refused when it is made. Endpoints
   * on the loopback interface need neither.
   */
  public fun plaintextCredentials(allowed: Boolean = true) {
    builder.plaintextCredentials(allowed)
  }

  /** TLS; none by default. */
  public fun tls(tls: Tls? = Tls.PLATFORM) {
    builder.tls(tls)
  }

  /** The one deadline of each call, retries included; 30 s by default. */
  public fun timeout(timeout: Duration) {
    builder.timeout(timeout.finite("the timeout"))
  }

  /** How long one connection attempt may take; 5 s by default. */
  public fun connectTimeout(timeout: Duration) {
    builder.connectTimeout(timeout.finite("the connect timeout"))
  }

  /** After how long a silent subscription is checked for a dead connection; 15 s by default. */
  public fun idleProbe(silence: Duration) {
    builder.idleProbe(silence.finite("the idle probe"))
  }

  /** How failed calls are repeated: as often as the deadline allows; 100 ms, doubling, up to 5 s by default. */
  public fun retry(
    maxAttempts: Int = Retry.DEFAULT.maxAttempts,
    initialBackoff: Duration = Retry.DEFAULT.initialBackoff.toKotlinDuration(),
    maxBackoff: Duration = Retry.DEFAULT.maxBackoff.toKotlinDuration(),
    multiplier: Double = Retry.DEFAULT.multiplier,
  ) {
    builder.retry(
      Retry.builder()
        .maxAttempts(maxAttempts)
        .backoff(initialBackoff.finite("the initial backoff"), maxBackoff.finite("the maximal backoff"))
        .multiplier(multiplier)
        .build(),
    )
  }

  /** Connections for calls; 1 by default. */
  public fun connections(connections: Int) {
    builder.connections(connections)
  }

  /** Calls in flight on one connection; 64 by default. */
  public fun maxConcurrentCalls(calls: Int) {
    builder.maxConcurrentCalls(calls)
  }

  /** The largest answer accepted; 16 MiB by default. */
  public fun maxMessageBytes(bytes: Int) {
    builder.maxMessageBytes(bytes)
  }

  /** How many messages of a Java subscription or of a consumer may wait in the client; 256 by default. */
  public fun prefetch(messages: Int) {
    builder.prefetch(messages)
  }

  /** How many bytes of a subscription may wait in the client, whatever [prefetch] allows; 16 MiB by default. */
  public fun prefetchBytes(bytes: Int) {
    builder.prefetchBytes(bytes)
  }

  /** How many bytes of all subscriptions together may wait in the client; 64 MiB by default. */
  public fun bufferBytes(bytes: Long) {
    builder.bufferBytes(bytes)
  }

  /** How many calls may be under way or wait in the client before further ones fail with `OverloadedException`; 10,000 by default. */
  public fun maxInFlightCalls(calls: Int) {
    builder.maxInFlightCalls(calls)
  }

  /** How many bytes those calls may hold before further ones fail with `OverloadedException`; 64 MiB by default. */
  public fun maxInFlightBytes(bytes: Long) {
    builder.maxInFlightBytes(bytes)
  }

  /** Gzips requests; off by default, and not every server can undo it. */
  public fun compression(gzip: Boolean = true) {
    builder.compression(gzip)
  }

  /** Sends this with every call. */
  public fun header(name: String, value: String) {
    builder.header(name, value)
  }

  /** Sets an option of the backend, without its name. */
  public fun option(name: String, value: String) {
    builder.option(name, value)
  }

  /**
   * Numbers jobs as this producer in this epoch, for backends that know a repeated job by its number: without an [epoch], in the Unix
   * time in seconds when a client is made, newer than the one before. By default every client is a producer of its own. Two clients,
   * one after the other as well, must not share both the producer and the epoch.
   */
  public fun configureIdempotency(producer: String, epoch: Long? = null) {
    if (epoch == null) builder.configureIdempotency(producer) else builder.configureIdempotency(producer, epoch)
  }

  /** Does not number jobs: without a deduplication id, a repeat of one is not noticed, and so the client does not repeat it. */
  public fun withoutIdempotency() {
    builder.withoutIdempotency()
  }

  /** Where the Java futures complete; a pool of the client's own daemon threads by default. Coroutines keep their dispatcher. */
  public fun callbackExecutor(executor: Executor?) {
    builder.callbackExecutor(executor)
  }

  /** What watches the client, whatever [metrics] and [tracing] say; nothing by default. */
  public fun instrumentation(instrumentation: Instrumentation) {
    builder.instrumentation(instrumentation)
  }

  /** Measures by the process's global OpenTelemetry, which must be set up before the client is made; off by default. */
  public fun metrics(on: Boolean = true) {
    builder.metrics(on)
  }

  /** Traces by the process's global OpenTelemetry, which must be set up before the client is made; off by default. */
  public fun tracing(on: Boolean = true) {
    builder.tracing(on)
  }

  /**
   * How much the process logs of this library, from when the client is made: the level of the logger `dev.tributary` of
   * `java.util.logging`, for all clients of the process. Handlers have levels of their own. By default what the process's logging says.
   */
  public fun logLevel(level: System.Logger.Level?) {
    builder.logLevel(level)
  }

  /** The client's clock and timers; the system's by default. */
  public fun time(time: TimeSource) {
    builder.time(time)
  }
}
