package dev.tributary.kotlin

import dev.tributary.error.ErrorInfo
import dev.tributary.error.OverloadedException
import dev.tributary.error.TributaryException
import dev.tributary.stream.Event
import dev.tributary.stream.Position
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import dev.tributary.stream.EventPublisher as JavaEventPublisher

@OptIn(ExperimentalCoroutinesApi::class)
class PublisherSpec :
  FunSpec({
    /** A publisher with this much room that accepts, and confirms when told to. */
    class Fake(var room: Int) {
      val accepted = mutableListOf<String>()
      val confirmations = mutableListOf<CompletableFuture<Position>>()
      var free = CompletableFuture<Void>()
      val publisher =
        fake<JavaEventPublisher<String>> { method, arguments ->
            when (method) {
              "ready" -> if (room > 0) nothing else free
              "publish" -> accept((arguments[0] as Event<*>).value() as String)
              "closeAsync" -> nothing
              else -> error(method)
            }
          }
          .asKotlin()

      private fun accept(value: String): CompletableFuture<Position> {
        if (room == 0) return CompletableFuture.failedFuture(OverloadedException(ErrorInfo.of("full", "")))
        room--
        accepted += value
        return CompletableFuture<Position>().also { confirmations += it }
      }

      fun makeRoom() {
        room++
        val waiting = free
        free = CompletableFuture()
        waiting.complete(null)
      }
    }

    test("send returns when the event is accepted, publish when it is confirmed") {
      runTest {
        val fake = Fake(room = 2)
        val sent = fake.publisher.send("a")
        val published = async { fake.publisher.publish("b") { key("k") } }
        runCurrent()
        fake.accepted shouldContainExactly listOf("a", "b")
        sent.isCompleted shouldBe false
        published.isCompleted shouldBe false
        fake.confirmations.forEachIndexed { i, it -> it.complete(Position(0, i.toLong())) }
        sent.await() shouldBe Position(0, 0)
        published.await() shouldBe Position(0, 1)
      }
    }

    test("suspends while there is no room, and sends each event once even if others were faster") {
      runTest {
        val fake = Fake(room = 0)
        val senders = listOf("a", "b", "c").map { launch { fake.publisher.send(it) } }
        runCurrent()
        fake.accepted.shouldBeEmpty()
        fake.makeRoom()
        runCurrent()
        fake.accepted.size shouldBe 1
        fake.makeRoom()
        fake.makeRoom()
        runCurrent()
        fake.accepted shouldContainExactlyInAnyOrder listOf("a", "b", "c")
        senders.all { it.isCompleted } shouldBe true
      }
    }

    test("cancelled while it waits for room, it has sent nothing") {
      runTest {
        val fake = Fake(room = 0)
        val sender = launch { fake.publisher.send("a") }
        runCurrent()
        sender.cancel()
        runCurrent()
        fake.makeRoom()
        runCurrent()
        fake.accepted.shouldBeEmpty()
        fake.free.isCancelled shouldBe false
      }
    }

    test("cancelling what send returned leaves the event alone") {
      runTest {
        val fake = Fake(room = 1)
        fake.publisher.send("a").cancel()
        fake.confirmations.single().isCancelled shouldBe false
      }
    }

    test("an overload that may have stored the event is an error, not a reason to send it again") {
      runTest {
        var sent = 0
        val overload = OverloadedException(ErrorInfo.of("too much", "").maybeApplied(true))
        val publisher =
          fake<JavaEventPublisher<String>> { method, _ ->
              if (method == "publish") {
                sent++
                CompletableFuture.failedFuture<Position>(overload)
              } else {
                nothing
              }
            }
            .asKotlin()
        shouldThrow<TributaryException> { publisher.publish("a") } shouldBeSameInstanceAs overload
        sent shouldBe 1
      }
    }
  })
