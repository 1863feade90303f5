package dev.tributary.kotlin

import dev.tributary.SubscriptionState
import dev.tributary.queue.JobHandler
import dev.tributary.queue.NackOutcome
import dev.tributary.queue.ProducerSequence
import dev.tributary.queue.WorkerOptions
import dev.tributary.stream.Message
import java.lang.reflect.Proxy
import java.time.Duration
import java.time.Instant
import java.util.OptionalInt
import java.util.OptionalLong
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow
import dev.tributary.JobQueue as JavaJobQueue
import dev.tributary.queue.Job as JavaJob
import dev.tributary.queue.Worker as JavaWorker

/** An interface whose every call goes to [answer]. */
internal inline fun <reified I : Any> fake(noinline answer: (method: String, arguments: List<Any?>) -> Any?): I =
  I::class.java.cast(
    Proxy.newProxyInstance(I::class.java.classLoader, arrayOf(I::class.java)) { self, method, arguments ->
      when (method.name) {
        "toString" -> "fake"
        "hashCode" -> System.identityHashCode(self)
        "equals" -> self === arguments[0]
        else -> answer(method.name, arguments?.toList().orEmpty())
      }
    },
  )

internal fun <R> done(result: R): CompletableFuture<R> = CompletableFuture.completedFuture(result)

internal val nothing: CompletableFuture<Void> = CompletableFuture.completedFuture(null)

internal fun message(offset: Long, partition: Int = 0): Message<String> =
  Message("v$offset", null, emptyMap(), partition, offset, null, 0)

/** A job that notes how it was settled. Its settlements complete at once, or when [settlement] does. */
internal class FakeJob(private val id: String, private val settlement: CompletableFuture<Void> = nothing) : JavaJob<String> {
  val settled = mutableListOf<String>()

  override fun id() = id

  override fun value() = "value of $id"

  override fun headers() = emptyMap<String, String>()

  override fun attempt() = 1

  override fun maxAttempts() = OptionalInt.of(3)

  override fun partition() = 2

  override fun producer() = ProducerSequence("p", 1, 9)

  override fun priority() = 0

  override fun enqueuedAt(): Instant? = null

  override fun leaseDeadline(): Instant? = null

  override fun leaseEndsWithin(time: Duration) = time >= Duration.ofSeconds(30)

  override fun sequence(): OptionalLong = OptionalLong.of(7)

  override fun ack(): CompletableFuture<Void> = settle("ack").thenApply { null }

  override fun nack(): CompletableFuture<NackOutcome> = settle("nack")

  override fun nack(delay: Duration): CompletableFuture<NackOutcome> = settle("nack $delay")

  override fun nack(delay: Duration?, reason: String): CompletableFuture<NackOutcome> = settle("nack $delay: $reason")

  override fun release(): CompletableFuture<Void> = settle("release").thenApply { null }

  override fun reject(reason: String): CompletableFuture<Void> = settle("reject: $reason").thenApply { null }

  override fun extend(lease: Duration): CompletableFuture<Instant> = done(Instant.EPOCH.plus(lease))

  private fun settle(how: String): CompletableFuture<NackOutcome> {
    settled += how
    return settlement.thenApply { NackOutcome.REQUEUED }
  }
}

/** What a job is settled with when its consumer was cancelled. */
internal const val GIVEN_BACK = "release"

/** A worker that is handed its jobs by the test. */
internal class FakeWorker : JavaWorker {
  lateinit var handler: JobHandler<String>
  lateinit var options: WorkerOptions
  val end = CompletableFuture<Void>()
  val running = mutableListOf<CompletionStage<*>>()
  var closed = false

  /** A queue with only this worker. */
  fun queue(): JobQueue<String> =
    fake<JavaJobQueue<String>> { method, arguments ->
        check(method == "worker")
        options = arguments[0] as WorkerOptions
        @Suppress("UNCHECKED_CAST")
        handler = arguments[1] as JobHandler<String>
        this
      }
      .asKotlin()

  fun hand(job: JavaJob<String>): CompletableFuture<*> = handler.handle(job).toCompletableFuture().also { running += it }

  override fun state() = SubscriptionState.LIVE

  override fun stats() = JavaWorker.Stats(running.size, 0, 0, 0, 0, 0, 0)

  override fun ended() = end

  override fun closeAsync(within: Duration): CompletableFuture<Void> {
    closed = true
    CompletableFuture.allOf(*running.map { it.toCompletableFuture() }.toTypedArray()).whenComplete { _, _ -> end.complete(null) }
    return end.handle { _, _ -> null }
  }

  override fun close() = error("would block")
}

/** A publisher that is driven by the test, for one subscriber. */
internal class FakePublisher<T : Any> : Flow.Publisher<T> {
  lateinit var subscriber: Flow.Subscriber<in T>
  var requested = 0L
  var cancelled = false
  private val subscription =
    object : Flow.Subscription {
      override fun request(count: Long) {
        requested += count
      }

      override fun cancel() {
        cancelled = true
      }
    }

  override fun subscribe(subscriber: Flow.Subscriber<in T>) {
    this.subscriber = subscriber
    subscriber.onSubscribe(subscription)
  }
}
