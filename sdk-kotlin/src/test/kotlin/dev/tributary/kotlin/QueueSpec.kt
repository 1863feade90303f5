package dev.tributary.kotlin

import dev.tributary.error.LeaseLostException
import dev.tributary.queue.NackOutcome
import dev.tributary.queue.ProducerSequence
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.time.Duration as JavaDuration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinInstant
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

/** Queues, from Kotlin down to an engine. */
@OptIn(ExperimentalCoroutinesApi::class)
class QueueSpec :
  FunSpec({
    test("enqueues, reserves and settles") {
      runTest {
        val memory = Memory()
        val queue = memory.client.queue("work", Text)
        queue.enqueue("low")
        queue.enqueue("high") { priority(5) }
        queue.enqueueAll(listOf(newJob("later") { delay(1.hours) })).single().duplicate shouldBe false
        queue.enqueue("once") { deduplicationId("d") }.duplicate shouldBe false
        queue.enqueue("once") { deduplicationId("d") }.duplicate shouldBe true

        val high = queue.reserve(lease = 1.minutes).shouldNotBeNull()
        high.value shouldBe "high"
        high.attempt shouldBe 1
        high.leaseDeadline shouldBe memory.time.now().toKotlinInstant() + 1.minutes
        high.ack()
        shouldThrow<LeaseLostException> { high.nack() }

        val rest = queue.receive(10)
        rest.map { it.value } shouldContainExactlyInAnyOrder listOf("low", "once")
        rest.first().nack(2.seconds, "not now") shouldBe NackOutcome.REQUEUED
        rest.last().reject("never")
        queue.reserve().shouldBeNull()
        queue.deadLetters.list(10).map { it.reason } shouldContainExactly listOf("never")
        with(queue.stats()) {
          pending shouldBe 2
          inFlight shouldBe 0
        }
      }
    }

    test("waits for a job, and gives back one that comes for a cancelled coroutine") {
      runTest {
        val queue = Memory().client.queue("work", Text)
        val waiting = launch { queue.reserve(maxWait = 20.seconds) }
        runCurrent()
        queue.enqueue("v")
        waiting.cancel()
        runCurrent()
        queue.reserve()?.value shouldBe "v"
      }
    }

    test("a cancelled reserve takes nothing") {
      runTest {
        val queue = Memory().client.queue("work", Text)
        val waiting = launch { queue.reserve(maxWait = 20.seconds) }
        runCurrent()
        waiting.cancel()
        runCurrent()
        queue.enqueue("v")
        queue.reserve()?.attempt shouldBe 1
      }
    }

    test("the flow of jobs leases one at a time") {
      runTest {
        val queue = Memory().client.queue("work", Text)
        queue.enqueueAll(List(3) { newJob("v$it") })
        val gate = CompletableDeferred<Unit>()
        val collecting = launch {
          queue.jobs().collect {
            gate.await()
            it.ack()
          }
        }
        runCurrent()
        queue.stats().inFlight shouldBe 1
        gate.complete(Unit)
        runCurrent()
        with(queue.stats()) {
          pending shouldBe 0
          inFlight shouldBe 0
        }
        collecting.cancel()
      }
    }

    test("the flow of jobs leaves what was not collected") {
      runTest {
        val queue = Memory().client.queue("work", Text)
        queue.enqueueAll(List(3) { newJob("v$it") })
        queue.jobs().take(2).map { it.apply { ack() }.value }.toList() shouldContainExactly listOf("v0", "v1")
        queue.reserve()?.value shouldBe "v2"
      }
    }

    test("processes side by side, acks what succeeds and nacks what fails, by the backoff") {
      runTest {
        val memory = Memory()
        val queue = memory.client.queue("work", Text)
        val done = mutableListOf<String>()
        var running = 0
        var most = 0
        val processing = launch {
          queue.process(concurrency = 4, { backoff { attempt, _ -> (10 * attempt).seconds } }) { job ->
            most = maxOf(most, ++running)
            try {
              kotlinx.coroutines.yield()
              if (job.value == "v3" && job.attempt < 3) error("not yet")
              done += job.value
            } finally {
              running--
            }
          }
        }
        queue.enqueueAll(List(10) { newJob("v$it") })
        runCurrent()
        most shouldBe 4
        done.size shouldBe 9
        memory.pass(10.seconds)
        runCurrent()
        done.size shouldBe 9
        memory.pass(20.seconds)
        runCurrent()
        done shouldContainExactlyInAnyOrder List(10) { "v$it" }
        processing.cancel()
        processing.join()
        with(queue.stats()) {
          pending shouldBe 0
          inFlight shouldBe 0
          completed.orNull() shouldBe 10
        }
      }
    }

    test("keeps the lease of a handler that takes twelve hours") {
      runTest {
        val memory = Memory()
        val queue = memory.client.queue("work", Text)
        queue.enqueue("v")
        val gate = CompletableDeferred<Unit>()
        val processing = launch { queue.process(options = { renewal(13.hours) }) { gate.await() } }
        runCurrent()
        memory.pass(12.hours)
        runCurrent()
        queue.reserve().shouldBeNull()
        gate.complete(Unit)
        runCurrent()
        queue.stats().completed.orNull() shouldBe 1
        processing.cancel()
      }
    }

    test("rejecting has the last word") {
      runTest {
        val queue = Memory().client.queue("work", Text)
        queue.enqueueAll(listOf(newJob("returns"), newJob("throws")))
        val processing = launch {
          queue.process(concurrency = 2) {
            it.reject("no good")
            if (it.value == "throws") error("also")
          }
        }
        runCurrent()
        queue.deadLetters.list(10).map { it.value to it.reason } shouldContainExactlyInAnyOrder
          listOf("returns" to "no good", "throws" to "no good")
        processing.cancel()
      }
    }

    test("cancelled, it gives its jobs back at once, and takes no more") {
      runTest {
        val queue = Memory().client.queue("work", Text)
        queue.enqueueAll(List(5) { newJob("v$it") })
        val processing = launch { queue.process(concurrency = 3) { awaitCancellation() } }
        runCurrent()
        queue.stats().inFlight shouldBe 3
        processing.cancel()
        processing.join()
        with(queue.stats()) {
          inFlight shouldBe 0
          pending shouldBe 5
        }
        // Their run was cut short by us: it counts no attempt.
        queue.receive(10).map { it.attempt } shouldContainExactlyInAnyOrder listOf(1, 1, 1, 1, 1)
      }
    }

    test("closing the client drains what is processed, and then processing returns") {
      runTest {
        val memory = Memory()
        val other = memory.connect()
        other.queue("work", Text).enqueueAll(List(3) { newJob("v$it") })
        val gate = CompletableDeferred<Unit>()
        val handled = mutableListOf<String>()
        val processing = launch {
          memory.client.queue("work", Text).process {
            gate.await()
            handled += it.value
          }
        }
        runCurrent()
        val closing = launch { memory.client.close() }
        runCurrent()
        closing.isCompleted shouldBe false
        gate.complete(Unit)
        closing.join()
        processing.join()
        handled shouldContainExactly listOf("v0")
        other.queue("work", Text).stats().pending shouldBe 2
      }
    }

    test("a job is in one partition, under its producer's number, and stored once") {
      runTest {
        val client = Memory().client
        client.admin.createQueue("work") { partitions(2) }
        val queue = client.queue("work", Text)
        val number = ProducerSequence("p", 3, 7)
        val stored = List(2) {
          queue.enqueue("v") {
            partitionKey("k")
            producerSequence(number)
          }
        }
        stored.map { it.duplicate } shouldContainExactly listOf(false, true)
        val partition = stored.first().partition
        queue.partitions(setOf(1 - partition)).reserve().shouldBeNull()
        with(queue.partitions(setOf(partition)).reserve().shouldNotBeNull()) {
          this.partition shouldBe partition
          producer shouldBe number
        }
      }
    }

    test("a worker counts, and closes at the end of its use") {
      runTest {
        val queue = Memory().client.queue("work", Text)
        queue.enqueue("v")
        queue.processIn(this) {}.use { worker ->
          runCurrent()
          worker.stats.acked() shouldBe 1
        }
      }
    }

    test("has a policy, and dead letters that can be put back") {
      runTest {
        val memory = Memory()
        val queue = memory.client.queue("work", Text)
        queue.setRedeliveryPolicy(
          redeliveryPolicy {
            maxAttempts(1)
            initialBackoff(3.seconds)
          },
        )
        queue.redeliveryPolicy().initialBackoff shouldBe JavaDuration.ofSeconds(3)
        queue.enqueue("v")
        queue.peek(5).map { it.value } shouldContainExactly listOf("v")
        queue.reserve().shouldNotBeNull().nack() shouldBe NackOutcome.DEAD_LETTERED
        queue.deadLetters.replay(queue.deadLetters.list(1).single().id)
        queue.deadLetters.list(1).shouldBeEmpty()
        queue.purge()
        queue.reserve().shouldBeNull()
      }
    }
  })
