package dev.tributary.kotlin

import dev.tributary.ResourceName
import dev.tributary.error.InvalidRequestException
import dev.tributary.stream.Position
import dev.tributary.stream.StreamMessage
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import dev.tributary.stream.StreamsConsumer as JavaStreamsConsumer

/** Several streams as one, from Kotlin down to an engine. */
@OptIn(ExperimentalCoroutinesApi::class)
class StreamsConsumerSpec :
  FunSpec({
    fun name(text: String) = ResourceName("default", "default", text)

    fun Memory.consumer(vararg patterns: String) =
      client.consumer(
        streams {
          streams("named")
          matching(*patterns)
          refresh(30.seconds)
        },
        Text,
        "g",
      )

    test("a handler that is cancelled with forEach did not fail in any stream") {
      runTest {
        val memory = Memory()
        val named = listOf("one", "two").map { memory.client.stream(it, Text) }
        named.forEach { it.publish("v") }
        val consumer = memory.client.consumer(streams { streams("one", "two") }, Text, "g") { redelivery(redeliveryPolicy { maxAttempts(1) }) }
        consumer.use {
          val handling = launch { consumer.forEach { awaitCancellation() } }
          runCurrent()
          handling.cancelAndJoin()
        }
        named.forEach {
          it.deadLetters.list(10).shouldBeEmpty()
          it.committed("g", 0).shouldBeNull()
        }
      }
    }

    test("reads what is named and what matches, also what comes later") {
      runTest {
        val memory = Memory()
        memory.client.stream("named", Text).publish("n")
        memory.client.stream("orders.eu", Text).publish("e")
        memory.consumer("orders.+").use { consumer ->
          consumer.poll(10, Duration.ZERO).map { it.stream to it.value() } shouldContainExactlyInAnyOrder
            listOf(name("named") to "n", name("orders.eu") to "e")
          memory.client.stream("orders.us", Text).publish("u")
          consumer.refresh()
          consumer.poll(10, Duration.ZERO).map { it.value() } shouldContainExactly listOf("u")
          consumer.assignment.keys shouldBe setOf(name("named"), name("orders.eu"), name("orders.us"))
          consumer.position(name("orders.us"), 0) shouldBe 1
          consumer.position(name("other"), 0).shouldBeNull()
        }
        memory.client.stream("orders.us", Text).committed("g", 0).shouldBeNull()
        memory.client.stream("orders.eu", Text).committed("g", 0) shouldBe 1
      }
    }

    test("forEach handles the messages of all, and returns when the consumer is closed") {
      runTest {
        val memory = Memory()
        memory.client.stream("named", Text).publish("n")
        val consumer = memory.consumer("orders.#")
        val seen = mutableListOf<String>()
        val handling = async { consumer.forEach { seen += it.value() } }
        runCurrent()
        memory.client.stream("orders.eu.open", Text).publish("o")
        memory.pass(30.seconds)
        runCurrent()
        seen shouldContainExactly listOf("n", "o")
        consumer.close()
        handling.await()
        memory.client.stream("orders.eu.open", Text).committed("g", 0) shouldBe 1
      }
    }

    test("a collector that stops leaves what it did not come to, in each stream") {
      runTest {
        val memory = Memory()
        val consumer = memory.consumer("orders.+")
        memory.client.stream("named", Text).publishAll(listOf(event("0"), event("1"), event("2")))
        consumer.messages().take(2).toList().map { it.value() } shouldContainExactly listOf("0", "1")
        consumer.position(name("named"), 0) shouldBe 1
        consumer.poll(10, Duration.ZERO).map { it.value() } shouldContainExactly listOf("1", "2")
      }
    }

    test("messages polled for a coroutine that was cancelled meanwhile are read again, in each stream that is still read") {
      runTest {
        val poll = CompletableFuture<List<StreamMessage<String>>>()
        val seeks = mutableListOf<Pair<Any?, Any?>>()
        var closed = false
        val consumer =
          fake<JavaStreamsConsumer<String>> { method, arguments ->
              when (method) {
                "poll" -> poll
                "seek" -> {
                  seeks += arguments[0] to arguments[1]
                  if (arguments[0] == name("gone")) CompletableFuture.failedFuture<Void>(InvalidRequestException.of("gone", "")) else nothing
                }
                "assignment" -> mapOf(name("a") to setOf(0), name("b") to setOf(0))
                "closeAsync" -> nothing.also { closed = true }
                else -> error(method)
              }
            }
            .let { StreamsConsumer(it, newState()) }
        val polling = launch { consumer.poll(10, 1.hours) }
        runCurrent()
        poll.complete(
          listOf("a" to 3L, "a" to 4L, "b" to 7L, "gone" to 1L).map { (stream, offset) -> StreamMessage(name(stream), message(offset)) },
        )
        polling.cancel()
        runCurrent()
        seeks shouldContainExactly
          listOf(name("a") to Position(0, 3), name("b") to Position(0, 7), name("gone") to Position(0, 1))
        closed shouldBe false
      }
    }

    test("listeners hear of streams that come, and of looks that fail") {
      runTest {
        val memory = Memory()
        val joined = mutableListOf<ResourceName>()
        val left = mutableListOf<ResourceName>()
        val failures = mutableListOf<Throwable>()
        val consumer =
          memory.client.consumer(
            streams {
              matching("orders.+")
              maxStreams(1)
              onJoined { joined += it }
              onLeft { left += it }
              onRefreshFailed { failures += it }
            },
            "g",
          )
        memory.client.stream("orders.eu", Text).publish("e")
        consumer.refresh()
        memory.client.stream("orders.us", Text).publish("u")
        runCatching { consumer.refresh() }.exceptionOrNull()!!::class shouldBe InvalidRequestException::class
        joined shouldContainExactly listOf(name("orders.eu"))
        left.shouldBeEmpty()
        failures.size shouldBe 1
      }
    }
  })
