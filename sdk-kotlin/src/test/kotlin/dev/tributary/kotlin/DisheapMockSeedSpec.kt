package dev.tributary.kotlin

import dev.tributary.admin.ResourceKind
import dev.tributary.queue.EnqueueResult
import dev.tributary.testkit.FakeTributary
import dev.tributary.testkit.Scenario
import dev.tributary.testkit.fault.FaultPlan
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.time.Duration as JavaDuration
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.toJavaDuration
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

/** What users of the Python client of Disheap do with its mock and its scenarios, told in Kotlin: on the real client. */
@OptIn(ExperimentalCoroutinesApi::class)
class DisheapMockSeedSpec :
  FunSpec({
    fun story(name: String, begin: () -> FakeTributary = { FakeTributary.create() }, tell: suspend TestScope.(FakeTributary, Tributary) -> Unit) {
      test(name) { begin().use { fake -> runTest { tell(fake, fake.asKotlin()) } } }
    }

    story("count what a service calls") { fake, client ->
      client.admin.createQueue("test-topic")
      place(client)
      val placed = client.queue("test-topic").reserve().shouldNotBeNull()
      placed.extend(1.minutes)
      placed.nack(Duration.ZERO)
      client.queue("test-topic").reserve().shouldNotBeNull().ack()

      fake.journal().count("admin.createQueue") shouldBe 1
      listOf("enqueue", "extend", "nack", "ack").map(fake.journal()::count) shouldContainExactly List(4) { 1 }

      fake.reset()
      fake.journal().calls().shouldBeEmpty()
      client.admin.list(ResourceKind.QUEUE).shouldBeEmpty()
    }

    story("produce, and consume in the order of priority", { Scenario.jobsByPriority("integration-test", 5) }) { fake, client ->
      val consumed = mutableListOf<LeasedJob<ByteArray>>()
      val consuming = launch { client.queue("integration-test").process { consumed += it } }
      runCurrent()
      consuming.cancel()

      consumed.map { it.priority } shouldContainExactly listOf(100, 99, 98, 97, 96)
      consumed.map { it.id }.shouldBeUnique()
      fake.journal().count("ack") shouldBe 5
    }

    story("high load", { Scenario.jobsByKey("load-test", 100) }) { fake, client ->
      val queue = client.queue("load-test", Text)
      (100..<200).chunked(10).forEach { batch -> queue.enqueueAll(batch.map { newJob("job $it") }) }
      fake.journal().count("enqueue") shouldBe 10

      val consumed = mutableListOf<String>()
      val consuming = launch { queue.process(concurrency = 16) { consumed += it.value } }
      runCurrent()
      consumed shouldContainExactlyInAnyOrder List(200) { "job $it" }
      with(queue.stats()) { pending + inFlight } shouldBe 0
      consuming.cancel()
    }

    story("errors by chance lose nothing") { fake, client ->
      val queue = client.queue("error-test", Text)
      fake.faults().failRandomly(FaultPlan.ANY, 0.3, 42)
      val enqueued = List(20) { async { queue.enqueue("job $it") } }
      val consumed = mutableListOf<String>()
      val consuming = launch { queue.process(concurrency = 4) { consumed += it.value } }
      // Coroutines are resumed on the test's thread, time is the fake's.
      repeat(60) {
        runCurrent()
        fake.time().advance(JavaDuration.ofSeconds(1))
      }
      runCurrent()

      enqueued.all { it.isCompleted } shouldBe true
      fake.journal().count("enqueue") shouldBeGreaterThan 20
      consumed shouldContainExactlyInAnyOrder List(20) { "job $it" }
      fake.faults().clear()
      consuming.cancel()
    }

    story("a slow network") { fake, client ->
      fake.faults().delayEvery(FaultPlan.ANY, 100.milliseconds.toJavaDuration())
      val placed = async { place(client) }
      runCurrent()
      placed.isCompleted shouldBe false
      fake.time().advance(100.milliseconds.toJavaDuration())
      runCurrent()
      placed.isCompleted shouldBe true
    }
  })

/** The service to test. */
private suspend fun place(client: Tributary): EnqueueResult = client.queue("test-topic", Text).enqueue("order 42") { priority(100) }
