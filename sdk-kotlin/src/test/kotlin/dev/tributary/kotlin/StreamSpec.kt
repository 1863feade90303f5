package dev.tributary.kotlin

import dev.tributary.error.TributaryException
import dev.tributary.filter.EventFilter
import dev.tributary.queue.DeadLetter
import dev.tributary.stream.Position
import dev.tributary.stream.StartAt
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onCompletion
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext

/** Streams, from Kotlin down to an engine. */
@OptIn(ExperimentalCoroutinesApi::class)
class StreamSpec :
  FunSpec({
    test("publishes and reads") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        stream.publish("a") shouldBe Position(0, 0)
        stream.publish("b") {
          key("k")
          header("h", "1")
        }
        stream.publishAll(listOf(event("c"), event("d"))) shouldContainExactly listOf(Position(0, 2), Position(0, 3))
        stream.read(0, 1, 10).map { it.value } shouldContainExactly listOf("b", "c", "d")
        stream.read(0, 1, 1).single().let { it.key?.text() to it.headers } shouldBe ("k" to mapOf("h" to "1"))
        stream.latestOffset(0) shouldBe 3
        stream.committed("g", 0).shouldBeNull()
        stream.commit("g", Position(0, 2))
        stream.committed("g", 0) shouldBe 2
        stream.groupState("g").lag() shouldBe 2
      }
    }

    test("a flow of events is published in its order, in the collector's context, and their positions come out") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        val names = mutableSetOf<String?>()
        val events = flow {
          repeat(500) {
            names += currentCoroutineContext()[CoroutineName]?.name
            emit(event("e-$it"))
          }
        }
        withContext(CoroutineName("collector")) {
          stream.publishFrom(events) { maxInFlightEvents(20) }.map { it.offset }.toList() shouldContainExactly List(500) { it.toLong() }
        }
        names shouldContainExactly setOf("collector")
        stream.read(0, 0, 500).map { it.value } shouldContainExactly List(500) { "e-$it" }
      }
    }

    test("a flow of events is collected no further than positions are, and cancelled with their collector") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        var emitted = 0
        var ended: Throwable? = null
        val events =
          flow {
              while (true) {
                emitted++
                emit(event("e"))
              }
            }
            .onCompletion { ended = it }
        stream.publishFrom(events) { maxInFlightEvents(4) }.take(3).toList().map { it.offset } shouldContainExactly listOf(0L, 1L, 2L)
        runCurrent()
        (emitted <= 3 + 2 * 4) shouldBe true
        (ended is CancellationException) shouldBe true
      }
    }

    test("an error of a flow of events comes behind the positions of those before it") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        val positions = mutableListOf<Position>()
        val events = flow {
          emit(event("a"))
          error("broken")
        }
        shouldThrow<IllegalStateException> { stream.publishFrom(events).collect { positions += it } }.message shouldBe "broken"
        positions shouldContainExactly listOf(Position(0, 0))
      }
    }

    test("only what matches is read, and commits move over the rest") {
      runTest {
        val stream = Memory().client.stream("s", Text)
        stream.publishAll(listOf(event("a"), event("B-1"), event("c"), event("b-2"), event("d")))
        val filter = EventFilter.containing("b-")
        val read = stream.read(0, 0, 1, filter)
        read.messages.map { it.value } shouldContainExactly listOf("B-1")
        stream.read(0, read.next, 10, filter).let { it.messages.map { b -> b.value } to it.next } shouldBe (listOf("b-2") to 5L)
        stream.subscribe(StartAt.earliest()) { filter(filter) }.take(2).toList().map { it.value } shouldContainExactly listOf("B-1", "b-2")
        val consumer = stream.consumer("g") {
          manualCommit()
          filter(filter)
        }
        consumer.use {
          consumer.poll(10, 1.seconds).map { it.value } shouldContainExactly listOf("B-1", "b-2")
          consumer.commit()
        }
        stream.committed("g", 0) shouldBe 5
      }
    }

    test("what waits is listed, found and cancelled; a group is deleted") {
      runTest {
        val stream = Memory().client.stream("s", Text)
        val place = stream.publish("late") { delay(1.hours) }
        stream.delayed.list(10).map { it.position } shouldContainExactly listOf(place)
        stream.delayed.find(place)?.position shouldBe place
        stream.delayed.cancel(place)
        stream.delayed.find(place) shouldBe null
        stream.commit("g", place)
        stream.deleteGroup("g")
        stream.committed("g", 0) shouldBe null
      }
    }

    test("an error is the SDK's own") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        shouldThrow<TributaryException> { stream.read(0, -1, 1) }.hint.isEmpty() shouldBe false
      }
    }

    test("subscribers see everything from where they start, in order, however slow they are") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        val early = async { stream.subscribe(StartAt.earliest()) { prefetch(2) }.map { it.value }.take(200).toList() }
        val values = List(200) { "v$it" }
        values.forEach { stream.publish(it) }
        early.await() shouldContainExactly values
        stream.subscribe(StartAt.offset(198)) { prefetch(5) }.take(2).toList().map { it.offset } shouldContainExactly listOf(198, 199)
      }
    }

    test("a publisher with little room takes everything, in order, whatever the sizes") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        val values = List(50) { "x".repeat(1 + it % 7) + it }
        val small = stream.publisher {
          maxInFlightEvents(5)
          maxInFlightBytes(16)
        }
        small.use { publisher ->
          values.map { publisher.send(it) }.awaitAll()
        }
        stream.read(0, 0, 100).map { it.value } shouldContainExactly values
      }
    }

    test("a publisher that lingers suspends its sender until the batch is gone, by count and by bytes") {
      runTest {
        for ((events, bytes) in listOf(3 to 1000L, 1000 to 6L)) {
          val memory = Memory()
          val stream = memory.client.stream("orders", Text)
          val publisher = stream.publisher {
            linger(1.seconds)
            maxInFlightEvents(events)
            maxInFlightBytes(bytes)
          }
          var sent = 0
          val sender = launch { repeat(5) { publisher.send("12").also { sent++ } } }
          runCurrent()
          sent shouldBe 3
          memory.pass(1.seconds)
          runCurrent()
          sent shouldBe 5
          sender.isCompleted shouldBe true
          publisher.close()
          stream.latestOffset(0) shouldBe 4
        }
      }
    }

    test("a consumer repeats what a cancelled coroutine did not process, and skips nothing") {
      runTest {
        val memory = Memory()
        val stream = memory.client.stream("orders", Text)
        repeat(6) { stream.publish("v$it") }
        stream.consumer("g").use { consumer ->
          consumer.messages(max = 4).take(2).toList().map { it.value } shouldContainExactly listOf("v0", "v1")
          consumer.poll(2, Duration.ZERO).map { it.value } shouldContainExactly listOf("v1", "v2")
          consumer.position(0) shouldBe 3
          consumer.poll(1, Duration.ZERO).map { it.value } shouldContainExactly listOf("v3")
        }
        stream.committed("g", 0) shouldBe 3
      }
    }

    test("a poll that was answered for a cancelled coroutine is read again") {
      runTest {
        val memory = Memory()
        val stream = memory.client.stream("orders", Text)
        stream.consumer("g").use { consumer ->
          val polling = launch { consumer.poll(10, 30.seconds) }
          runCurrent()
          stream.publish("v")
          polling.cancel()
          runCurrent()
          consumer.poll(10, Duration.ZERO).map { it.value } shouldContainExactly listOf("v")
        }
      }
    }

    test("forEach commits what was handled, and a failed message comes again") {
      runTest {
        val memory = Memory()
        val stream = memory.client.stream("orders", Text)
        repeat(3) { stream.publish("v$it") }
        val seen = mutableListOf<String>()
        stream.consumer("g").use { consumer ->
          val thrown = shouldThrow<IllegalStateException> {
            consumer.forEach {
              seen += it.value
              check(it.value != "v1") { "broken" }
            }
          }
          thrown.message shouldBe "broken"
        }
        stream.committed("g", 0) shouldBe 1
        stream.consumer("g").use { consumer ->
          val handling = launch { consumer.forEach { seen += it.value } }
          runCurrent()
          handling.isActive shouldBe true
          handling.cancel()
          handling.join()
        }
        seen shouldContainExactly listOf("v0", "v1", "v1", "v2")
        stream.committed("g", 0) shouldBe 3
      }
    }

    test("processing commits what was handled until it is cancelled, and leaves the message it was at") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        repeat(3) { stream.publish("v$it") }
        val seen = mutableListOf<String>()
        val processing = launch {
          stream.process("g") {
            seen += it.value
            if (it.value == "v2") awaitCancellation()
          }
        }
        runCurrent()
        seen shouldContainExactly listOf("v0", "v1", "v2")
        processing.cancelAndJoin()
        stream.committed("g", 0) shouldBe 2
        val broken = shouldThrow<IllegalStateException> { stream.process("g", { manualCommit() }) { error("broken at ${it.value}") } }
        broken.message shouldBe "broken at v2"
        stream.committed("g", 0) shouldBe 2
      }
    }

    test("processing ends when the client is closed") {
      runTest {
        val client = Memory().client
        val processing = async { client.stream("orders", Text).process("g") {} }
        runCurrent()
        client.close()
        processing.await()
      }
    }

    test("what a handler fails at too often becomes a dead letter, which can be put back") {
      runTest {
        val memory = Memory()
        val stream = memory.client.stream("orders", Text)
        listOf("v0", "bad", "v1").forEach { stream.publish(it) }
        val seen = mutableListOf<String>()
        val letters = stream.deadLetters
        val twice = redeliveryPolicy {
          maxAttempts(2)
          initialBackoff(3.seconds)
        }
        stream.consumer("g") { redelivery(twice) }.use { consumer ->
          val handling = launch {
            consumer.forEach {
              seen += it.value
              check(it.value != "bad") { "broken" }
            }
          }
          runCurrent()
          seen shouldContainExactly listOf("v0", "bad")
          memory.pass(3.seconds)
          runCurrent()
          seen shouldContainExactly listOf("v0", "bad", "bad", "v1")
          handling.cancelAndJoin()
        }
        stream.committed("g", 0) shouldBe 3
        letters.list(10).single().let { it.position() to it.attempts().asInt } shouldBe (Position(0, 1) to 2)
        letters.add(DeadLetter.builder("mine").id("7").build()) shouldBe "7"
        letters.replay("7")
        letters.list(10).map { it.value() } shouldContainExactly listOf("bad")
      }
    }

    test("a handler that is cancelled with forEach did not fail") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        stream.publish("v")
        stream.consumer("g") { redelivery(redeliveryPolicy { maxAttempts(1) }) }.use { consumer ->
          val handling = launch { consumer.forEach { awaitCancellation() } }
          runCurrent()
          handling.cancelAndJoin()
        }
        stream.deadLetters.list(10).shouldBeEmpty()
        stream.committed("g", 0).shouldBeNull()
      }
    }

    test("closing the consumer ends forEach") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        val consumer = stream.consumer("g")
        val handling = async { consumer.forEach {} }
        runCurrent()
        consumer.close()
        handling.await()
      }
    }
  })
