package dev.tributary.kotlin

import dev.tributary.RedeliveryPolicy
import dev.tributary.error.InvalidRequestException
import dev.tributary.stream.ConsumerOptions
import dev.tributary.stream.Message
import dev.tributary.stream.Position
import dev.tributary.stream.StartAt
import dev.tributary.stream.SubscribeOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.OptionalLong
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.function.Function
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import dev.tributary.EventStream as JavaEventStream
import dev.tributary.stream.EventConsumer as JavaEventConsumer

@OptIn(ExperimentalCoroutinesApi::class)
class ConsumerSpec :
  FunSpec({
    /** A consumer whose polls are answered by the test, and whose handler is called by it. */
    class Fake {
      val polls = ArrayDeque<CompletableFuture<List<Message<String>>>>()
      val seeks = mutableListOf<Position>()
      var seeking: CompletableFuture<Void> = nothing
      var closed = false
      lateinit var handler: Function<Message<String>, CompletionStage<*>>
      val handling = CompletableFuture<Void>()
      val consumer =
        fake<JavaEventConsumer<String>> { method, arguments ->
            when (method) {
              "poll" -> CompletableFuture<List<Message<String>>>().also { polls += it }
              "seek" -> seeking.also { seeks += arguments[0] as Position }
              "assignment" -> setOf(0)
              "closeAsync" -> nothing.also { closed = true }
              "position" -> OptionalLong.empty()
              "forEach" -> {
                @Suppress("UNCHECKED_CAST")
                handler = arguments[0] as Function<Message<String>, CompletionStage<*>>
                handling
              }
              else -> error(method)
            }
          }
          .let { EventConsumer(it, newState()) }

      fun answer(vararg messages: Message<String>) {
        polls.removeFirst().complete(messages.toList())
      }

      fun handle(message: Message<String>): CompletableFuture<*> = handler.apply(message).toCompletableFuture()
    }

    test("messages polled for a coroutine that was cancelled meanwhile are read again") {
      runTest {
        val fake = Fake()
        val polling = launch { fake.consumer.poll(10, 5.seconds) }
        runCurrent()
        fake.answer(message(3), message(4), message(8, partition = 1))
        polling.cancel()
        runCurrent()
        fake.seeks shouldContainExactly listOf(Position(0, 3), Position(1, 8))
      }
    }

    test("a poll is not over before its messages will be read again") {
      runTest {
        val fake = Fake().apply { seeking = CompletableFuture() }
        val polling = launch { fake.consumer.poll(10, 5.seconds) }
        runCurrent()
        fake.answer(message(3))
        polling.cancel()
        runCurrent()
        polling.isCompleted shouldBe false
        fake.seeking.complete(null)
        runCurrent()
        polling.isCompleted shouldBe true
      }
    }

    test("a consumer that cannot read its messages again is closed; one that lost their partition is not") {
      runTest {
        for ((partition, closed) in listOf(0 to true, 1 to false)) {
          val fake = Fake().apply { seeking = CompletableFuture.failedFuture(InvalidRequestException.of("no", "")) }
          val polling = launch { fake.consumer.poll(10, 5.seconds) }
          runCurrent()
          fake.answer(message(3, partition))
          polling.cancel()
          runCurrent()
          fake.closed shouldBe closed
        }
      }
    }

    test("cancelling a poll cancels it") {
      runTest {
        val fake = Fake()
        val polling = launch { fake.consumer.poll(10, 5.seconds) }
        runCurrent()
        polling.cancel()
        runCurrent()
        fake.polls.single().isCancelled shouldBe true
        fake.seeks.shouldBeEmpty()
      }
    }

    test("messages polls again when the collector is done with all of the poll before") {
      runTest {
        val fake = Fake()
        val gate = CompletableDeferred<Unit>()
        val seen = mutableListOf<Long>()
        val collecting = launch {
          fake.consumer.messages().collect {
            seen += it.offset
            if (it.offset == 2L) gate.await()
          }
        }
        runCurrent()
        fake.answer()
        runCurrent()
        fake.answer(message(1), message(2))
        runCurrent()
        fake.polls.shouldBeEmpty()
        gate.complete(Unit)
        runCurrent()
        fake.polls.size shouldBe 1
        seen shouldContainExactly listOf(1, 2)
        collecting.cancel()
      }
    }

    test("a collector that stops leaves the message it was at, and those after it, to be read again") {
      runTest {
        val fake = Fake()
        val taking = async { fake.consumer.messages().take(2).toList() }
        runCurrent()
        fake.answer(message(1), message(2), message(3), message(5, partition = 1))
        taking.await().map { it.offset } shouldContainExactly listOf(1, 2)
        fake.seeks shouldContainExactly listOf(Position(0, 2), Position(1, 5))

        fake.seeks.clear()
        val failing = async { runCatching { fake.consumer.messages().collect { error("broken") } } }
        runCurrent()
        fake.answer(message(7))
        failing.await().exceptionOrNull()?.message shouldBe "broken"
        fake.seeks shouldContainExactly listOf(Position(0, 7))
      }
    }

    test("forEach counts a message when its handler returned, and waits until the consumer is closed") {
      runTest {
        val fake = Fake()
        val gate = CompletableDeferred<Unit>()
        val handling = async { fake.consumer.forEach { gate.await() } }
        runCurrent()
        val counted = fake.handle(message(1))
        runCurrent()
        counted.isDone shouldBe false
        gate.complete(Unit)
        runCurrent()
        counted.isCompletedExceptionally shouldBe false
        handling.isCompleted shouldBe false
        fake.handling.complete(null)
        handling.await()
      }
    }

    test("forEach fails with what the handler failed with") {
      runTest {
        val fake = Fake()
        val handling = async { runCatching { fake.consumer.forEach { error("broken") } } }
        runCurrent()
        fake.handle(message(1)).whenComplete { _, failure -> fake.handling.completeExceptionally(failure) }
        handling.await().exceptionOrNull()?.message shouldBe "broken"
      }
    }

    test("cancelling forEach cancels its handlers, counts nothing, and starts no more") {
      runTest {
        val fake = Fake()
        val handled = mutableListOf<Long>()
        var cleaned = false
        val handling = launch {
          fake.consumer.forEach {
            handled += it.offset
            try {
              awaitCancellation()
            } finally {
              cleaned = true
            }
          }
        }
        runCurrent()
        val running = fake.handle(message(1))
        runCurrent()
        val waiting = fake.handle(message(2))
        handling.cancel()
        runCurrent()
        handled shouldContainExactly listOf(1)
        cleaned shouldBe true
        running.isCompletedExceptionally shouldBe true
        waiting.isCompletedExceptionally shouldBe true
        fake.handling.isCancelled shouldBe true
        handling.isCompleted shouldBe true
      }
    }

    test("an unknown position is null") { Fake().consumer.position(0) shouldBe null }

    test("hands its options to the consumer") {
      val asked = mutableListOf<ConsumerOptions>()
      val stream =
        fake<JavaEventStream<String>> { _, arguments ->
            asked += arguments[0] as ConsumerOptions
            Fake().consumer.java
          }
          .asKotlin()
      stream.consumer("billing")
      stream.consumer("billing") {
        start(StartAt.earliest())
        partitions(setOf(1, 2))
        prefetch(5)
        prefetchBytes(6)
        manualCommit()
        redelivery(RedeliveryPolicy.DEFAULT)
        drainTimeout(7.seconds)
      }
      stream.consumer(null) { autoCommit(250.milliseconds) }
      shouldThrow<InvalidRequestException> { stream.consumer("billing") { drainTimeout(kotlin.time.Duration.INFINITE) } }
      with(asked[0]) {
        group() shouldBe "billing"
        start() shouldBe StartAt.committed()
        autoCommit() shouldBe Duration.ofSeconds(5)
        prefetch().orNull() shouldBe null
      }
      with(asked[1]) {
        start() shouldBe StartAt.earliest()
        partitions() shouldBe setOf(1, 2)
        autoCommit() shouldBe null
        prefetch().orNull() shouldBe 5
        prefetchBytes().orNull() shouldBe 6
        redelivery() shouldBe RedeliveryPolicy.DEFAULT
        drainTimeout() shouldBe Duration.ofSeconds(7)
      }
      asked[2].start() shouldBe StartAt.latest()
    }

    test("a subscription begins with what comes, or where its group stopped, unless it is told where") {
      val asked = mutableListOf<SubscribeOptions>()
      val stream =
        fake<JavaEventStream<String>> { _, arguments ->
            asked += arguments[0] as SubscribeOptions
            FakePublisher<Message<String>>()
          }
          .asKotlin()
      stream.subscribe()
      stream.subscribe { group("g") }
      stream.subscribe(StartAt.earliest()) { group("g") }
      asked.map { it.start() } shouldContainExactly listOf(StartAt.latest(), StartAt.committed(), StartAt.earliest())
    }

    test("a subscription asks for no more than its prefetch, and is cancelled with its collector") {
      runTest {
        val source = FakePublisher<Message<String>>()
        val stream = fake<JavaEventStream<String>> { _, _ -> source }.asKotlin()
        val first = async { stream.subscribe(StartAt.earliest()) { prefetch(3) }.first() }
        runCurrent()
        source.requested shouldBe 3
        source.subscriber.onNext(message(0))
        first.await().offset shouldBe 0
        source.cancelled shouldBe true
      }
    }
  })
