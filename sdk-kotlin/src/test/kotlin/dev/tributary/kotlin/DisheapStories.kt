package dev.tributary.kotlin

import dev.tributary.codec.json.JsonCodec
import dev.tributary.engine.MemoryEngine
import dev.tributary.error.AlreadyExistsException
import dev.tributary.error.InvalidRequestException
import dev.tributary.error.LeaseLostException
import dev.tributary.error.NotFoundException
import dev.tributary.error.TributaryException
import dev.tributary.queue.NackOutcome
import dev.tributary.queue.ProducerSequence
import dev.tributary.testkit.VirtualTime
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.funSpec
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinInstant
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking

/**
 * What the examples of Disheap's Python client tell, told in Kotlin: the same story with the same outcome.
 *
 * @param begin a fresh stage for each story
 */
internal fun disheapStories(begin: () -> Stage) = funSpec {
  fun story(name: String, tell: suspend Stage.(Tributary) -> Unit) {
    test(name) { begin().use { stage -> runBlocking { stage.connect().use { client -> stage.tell(client) } } } }
  }

  story("produce one and a batch") { client ->
    client.admin.createQueue("work-queue") { partitions(4) }
    val queue = client.queue("work-queue", Text)
    val one = queue.enqueue("urgent") {
      priority(100)
      partitionKey("user_123")
    }
    val batch = queue.enqueueAll(listOf("task 1" to 90, "task 2" to 95, "task 3" to 85).map { (value, rank) -> newJob(value) { priority(rank) } })

    batch.map { it.duplicate } shouldContainExactly listOf(false, false, false)
    (batch + one).map { it.id }.shouldBeUnique()
    queue.receive(10).map { it.value } shouldContainExactly listOf("urgent", "task 2", "task 1", "task 3")
  }

  story("a heap may have the smallest priority first") { client ->
    client.admin.createQueue("by-deadline") { option("mode", "min") }
    val queue = client.queue("by-deadline", Text)
    queue.enqueue("low") { priority(-5) }
    queue.enqueue("high") { priority(5) }
    // Higher first, whatever the heap's numbers are.
    queue.receive(10).map { it.value } shouldContainExactly listOf("high", "low")
  }

  story("consume, and settle by how the handler ends") { client ->
    client.admin.createQueue("work-queue")
    val queue = client.queue("work-queue", Text)
    queue.enqueueAll(listOf(newJob("steady") { priority(1) }, newJob("flaky") { priority(2) }))
    val deliveries = ConcurrentLinkedQueue<String>()
    coroutineScope {
      val worker =
        queue.processIn(this, options = { lease(5.minutes) }) { job ->
          deliveries += "${job.value} ${job.priority} ${job.attempt}"
          check(job.value != "flaky" || job.attempt > 1) { "try again" }
        }
      passUntil { worker.stats.acked() == 2L }
      worker.close()
    }

    deliveries.first() shouldBe "flaky 2 1"
    deliveries shouldContainExactlyInAnyOrder listOf("flaky 2 1", "steady 1 1", "flaky 2 2")
    queue.stats().inFlight shouldBe 0
  }

  story("payloads are text or JSON") { client ->
    client.admin.createQueue("orders")
    val queue = client.queue("orders", JsonCodec.of(Map::class.java))
    queue.enqueue(mapOf("id" to "42"))
    client.queue("orders", Text).peek(1).single().value shouldBe """{"id":"42"}"""
    queue.reserve().shouldNotBeNull().value shouldBe mapOf("id" to "42")
  }

  story("number jobs by hand, and settle them by hand") { client ->
    client.admin.createQueue("critical-tasks")
    connect { configureIdempotency("billing", 12_345) }.use { billing ->
      val queue = billing.queue("critical-tasks", Text)
      val important: NewJobBuilder<String>.() -> Unit = {
        priority(1000)
        partitionKey("shard_1")
        maxAttempts(6)
        delay(10.minutes)
      }
      val result = queue.enqueue("important", important)
      val first = ProducerSequence("billing", 12_345, 1)
      val again = queue.enqueue("important") {
        important()
        producerSequence(first)
      }
      again.duplicate shouldBe true
      again.id shouldBe result.id

      queue.reserve(lease = 10.minutes).shouldBeNull()
      pass(10.minutes)
      val job = queue.reserve(lease = 10.minutes).shouldNotBeNull()
      job.priority shouldBe 1000
      job.maxAttempts shouldBe 6
      job.producer shouldBe first

      job.leaseEndsWithin(2.minutes) shouldBe false
      pass(510.seconds)
      job.leaseEndsWithin(2.minutes) shouldBe true
      job.extend(5.minutes) shouldBe time.now().toKotlinInstant() + 5.minutes
      pass(3.minutes)

      job.nack(5.minutes, "processing failed") shouldBe NackOutcome.REQUEUED
      queue.reserve().shouldBeNull()
      pass(5.minutes)
      val second = queue.reserve().shouldNotBeNull()
      second.attempt shouldBe 2
      second.ack()
      queue.reserve().shouldBeNull()
    }
  }

  story("the first message") { client ->
    client.admin.createQueue("my-priority-queue") {
      partitions(3)
      replicas(2)
      retention(24.hours)
    }
    val queue = client.queue("my-priority-queue", Text)
    queue.enqueue("low") { priority(1) }
    queue.enqueue("high") { priority(100) }
    queue.jobs().take(2).toList().map { job -> job.value.also { job.ack() } } shouldContainExactly listOf("high", "low")
    queue.reserve().shouldBeNull()
  }

  story("the backend is healthy") { client ->
    client.health.live() shouldBe true
    client.health.ready() shouldBe true
  }

  story("each error has its class, and all have one base") { client ->
    shouldThrow<NotFoundException> { client.queue("nowhere", Text).enqueue("v") }.shouldBeInstanceOf<TributaryException>()
    shouldThrow<InvalidRequestException> { client.queue("", Text) }

    client.admin.createQueue("topic")
    shouldThrow<AlreadyExistsException> { client.admin.createQueue("topic") }
    val queue = client.queue("topic", Text)
    queue.enqueue("v")
    val job = queue.reserve().shouldNotBeNull()
    pass(1.minutes)
    shouldThrow<LeaseLostException> { job.ack() }
  }
}

/** A backend whose time passes when the story says so. */
internal abstract class Stage : AutoCloseable {
  val time = VirtualTime()
  protected val engine: MemoryEngine = MemoryEngine.builder().time(time).createOnFirstUse(false).build()

  abstract fun connect(more: ConfigBuilder.() -> Unit = {}): Tributary

  fun pass(duration: Duration) {
    time.advance(duration.toJavaDuration())
  }

  /** Lets time pass until this holds; the spec's time limit says when it never will. */
  suspend fun passUntil(holds: suspend () -> Boolean) {
    while (!holds()) {
      pass(10.milliseconds)
      delay(1)
    }
  }

  override fun close() = engine.close()
}
