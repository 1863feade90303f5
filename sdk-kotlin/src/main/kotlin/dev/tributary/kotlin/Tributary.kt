package dev.tributary.kotlin

import dev.tributary.Capability
import dev.tributary.TransactionOptions
import dev.tributary.codec.Codec
import dev.tributary.codec.Codecs
import dev.tributary.config.ClientConfig
import dev.tributary.error.TributaryException
import dev.tributary.spi.Transport
import dev.tributary.stream.ConsumerOptions
import dev.tributary.stream.StreamSelection
import kotlin.coroutines.coroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.ensureActive
import dev.tributary.Tributary as JavaTributary

/** The same client for coroutines. */
public fun JavaTributary.asKotlin(): Tributary = Tributary(this)

/**
 * A client of one backend. Make one for the process and close it at the end, or [use] it.
 *
 * A view of the Java client, and [java] is the way back. Making one does not connect, so it does not fail because a server is down: the
 * first call connects.
 *
 * Every suspending call of this package completes within the client's deadline, fails with a [TributaryException] and never with
 * a wrapper, and cancels the call behind it when its coroutine is cancelled, unless its documentation says otherwise. A cancelled
 * call may have been applied all the same. Where a coroutine goes on is up to its dispatcher.
 */
public class Tributary internal constructor(
  /** The Java client. */
  public val java: JavaTributary,
) {
  /** What the backend can do. */
  public val capabilities: Set<Capability>
    get() = java.capabilities()

  /** What the client was configured with. */
  public val config: ClientConfig
    get() = java.config()

  /** A stream of raw bytes. */
  public fun stream(name: String): EventStream<ByteArray> = EventStream(java.stream(name))

  /** A stream of values of this codec. */
  public fun <T : Any> stream(name: String, codec: Codec<T>): EventStream<T> = EventStream(java.stream(name, codec))

  /** A stream of values of this type, by its [codec]: `stream<Order>("orders")`. */
  @JvmName("typedStream")
  public inline fun <reified T : Any> stream(name: String): EventStream<T> = stream(name, codec<T>())

  /** A consumer of several streams, all with values of this codec. Close it, or [StreamsConsumer.use] it. */
  public fun <T : Any> consumer(streams: StreamSelection, codec: Codec<T>, options: ConsumerOptions): StreamsConsumer<T> {
    val state = newState()
    return StreamsConsumer(java.consumer(streams, codec, options.keeping(state)), state)
  }

  /** A consumer of several streams of raw bytes. Close it, or [StreamsConsumer.use] it. */
  public fun consumer(streams: StreamSelection, options: ConsumerOptions): StreamsConsumer<ByteArray> =
    consumer(streams, Codecs.bytes(), options)

  /**
   * A consumer of several streams: `consumer(streams { matching("orders.#") }, Codecs.text(), "billing") { manualCommit() }`. Close it, or
   * [StreamsConsumer.use] it.
   *
   * @param group the group that is committed to; null for none: then nothing is ever committed
   */
  public inline fun <T : Any> consumer(
    streams: StreamSelection,
    codec: Codec<T>,
    group: String?,
    options: ConsumerOptionsBuilder.() -> Unit = {},
  ): StreamsConsumer<T> = consumer(streams, codec, consumerOptions(group, options))

  /** A consumer of several streams of raw bytes: `consumer(streams { matching("orders.#") }, "billing")`. */
  public inline fun consumer(
    streams: StreamSelection,
    group: String?,
    options: ConsumerOptionsBuilder.() -> Unit = {},
  ): StreamsConsumer<ByteArray> = consumer(streams, consumerOptions(group, options))

  /** A consumer of several streams, all with values of this type, by its [codec]: `consumer<Order>(streams { matching("orders.#") }, "billing")`. */
  @JvmName("typedConsumer")
  public inline fun <reified T : Any> consumer(
    streams: StreamSelection,
    group: String?,
    options: ConsumerOptionsBuilder.() -> Unit = {},
  ): StreamsConsumer<T> = consumer(streams, codec<T>(), consumerOptions(group, options))

  /** A queue of raw bytes. */
  public fun queue(name: String): JobQueue<ByteArray> = JobQueue(java.queue(name))

  /** A queue of values of this codec. */
  public fun <T : Any> queue(name: String, codec: Codec<T>): JobQueue<T> = JobQueue(java.queue(name, codec))

  /** A queue of values of this type, by its [codec]: `queue<Order>("mails")`. */
  @JvmName("typedQueue")
  public inline fun <reified T : Any> queue(name: String): JobQueue<T> = queue(name, codec<T>())

  /** A key-value store of raw bytes. */
  public fun keyValue(name: String): KeyValueStore<ByteArray> = KeyValueStore(java.keyValue(name))

  /** A key-value store of values of this codec. */
  public fun <T : Any> keyValue(name: String, codec: Codec<T>): KeyValueStore<T> = KeyValueStore(java.keyValue(name, codec))

  /** A key-value store of values of this type, by its [codec]: `keyValue<Order>("latest")`. */
  @JvmName("typedKeyValue")
  public inline fun <reified T : Any> keyValue(name: String): KeyValueStore<T> = keyValue(name, codec<T>())

  /** The schema registry. */
  public val schemas: Schemas
    get() = Schemas(java.schemas())

  /** What became of messages. */
  public val traces: Traces
    get() = Traces(java.traces())

  /** Users, what they may do, and what they did. */
  public val access: Access
    get() = Access(java.access())

  /** The nodes of the backend. */
  public val cluster: Cluster
    get() = Cluster(java.cluster())

  /** Administration. */
  public val admin: Admin
    get() = Admin(java.admin())

  /** Health. */
  public val health: Health
    get() = Health(java.health())

  /**
   * Begins a transaction. Commit or abort it; [inTransaction] does that by itself. Cancelling aborts what was begun.
   *
   * @param producer a name that outlives the process: a second holder of it fences the first, where the backend fences
   * @param timeout after which the backend aborts by itself; rounded up where it is coarser
   */
  public suspend fun transaction(producer: String? = null, timeout: Duration = 60.seconds): Transaction {
    val options = TransactionOptions.builder().producer(producer).timeout(timeout.finite("the transaction timeout"))
    val begun = java.transaction(options.build())
    // An abort that fails is the backend's timeout to mend.
    return Transaction(begun.awaitOrGiveBack { it.abort() })
  }

  /**
   * Runs the block in a transaction: commits when it returns; aborts when it throws or is cancelled, waits for that, and throws
   * what the block failed with. A commit that has begun is seen through even when the coroutine is cancelled meanwhile; one that
   * failed without effect is followed by an abort.
   */
  public suspend inline fun <R> inTransaction(
    producer: String? = null,
    timeout: Duration = 60.seconds,
    block: (Transaction) -> R,
  ): R {
    val transaction = transaction(producer, timeout)
    val result =
      try {
        block(transaction).also { coroutineContext.ensureActive() }
      } catch (failure: Throwable) {
        transaction.abortAfter(failure)
        throw failure
      }
    transaction.commitOrAbort()
    return result
  }

  /**
   * Drains and closes everything made by this client, workers, consumers, publishers and subscriptions; waits for the calls that are under
   * way; then disconnects. Cancelling stops the waiting, not the closing.
   *
   * @param within how long that may take; then it is closed all the same
   * @throws dev.tributary.error.CloseTimeoutException which says what could not be finished in that time
   */
  public suspend fun close(within: Duration = CLOSE_TIMEOUT) {
    java.closeAsync(within.finite("the time to close")).awaitOnly()
  }

  /** Runs the block with the client and closes it, however the block ends, cancellation included. */
  public suspend inline fun <R> use(block: (Tributary) -> R): R = usingThenClosing({ java.closeAsync() }) { block(this) }

  /** Makes clients. */
  public companion object {
    /**
     * A client for this URI; see [ClientConfig.parse]. What the block says wins over the URI.
     *
     * @throws dev.tributary.error.InvalidRequestException if the URI is wrong or no transport for its scheme is on the class path
     */
    public inline fun connect(uri: String, config: ConfigBuilder.() -> Unit = {}): Tributary =
      connect(ConfigBuilder(ClientConfig.parse(uri).toBuilder()).apply(config).builder.build())

    /**
     * A client with this configuration.
     *
     * @throws dev.tributary.error.InvalidRequestException if no transport for its backend is on the class path
     */
    public fun connect(config: ClientConfig): Tributary = Tributary(JavaTributary.connect(config))

    /** A client over a transport of your own, which it closes when it is closed. */
    public fun over(transport: Transport, config: ClientConfig): Tributary = Tributary(JavaTributary.over(transport, config))
  }
}
