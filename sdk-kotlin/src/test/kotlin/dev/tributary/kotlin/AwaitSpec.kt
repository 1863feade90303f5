package dev.tributary.kotlin

import dev.tributary.error.InvalidRequestException
import dev.tributary.error.TributaryException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.Optional
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import kotlin.time.Duration
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import dev.tributary.JobQueue as JavaJobQueue
import dev.tributary.KeyValueStore as JavaKeyValueStore
import dev.tributary.queue.Job as JavaJob

@OptIn(ExperimentalCoroutinesApi::class)
class AwaitSpec :
  FunSpec({
    test("an error reaches the caller as it is, wherever it was wrapped") {
      val error = InvalidRequestException.of("no", "do not")
      for (failed in listOf(error, CompletionException(error))) {
        val store = fake<JavaKeyValueStore<String>> { _, _ -> CompletableFuture.failedFuture<Any>(failed) }.asKotlin()
        val queue = fake<JavaJobQueue<String>> { _, _ -> CompletableFuture.failedFuture<Any>(failed) }.asKotlin()
        shouldThrow<TributaryException> { store.get("key") } shouldBeSameInstanceAs error
        shouldThrow<TributaryException> { queue.reserve() } shouldBeSameInstanceAs error
      }
    }

    test("an error of a call that was waited for reaches the caller as it is") {
      runTest {
        val error = InvalidRequestException.of("no", "do not")
        val call = CompletableFuture<Optional<String>>()
        val store = fake<JavaKeyValueStore<String>> { _, _ -> call.thenApply { it } }.asKotlin()
        val got = async { runCatching { store.get("key") } }
        runCurrent()
        call.completeExceptionally(error)
        got.await().exceptionOrNull() shouldBeSameInstanceAs error
      }
    }

    test("cancelling the coroutine cancels the call") {
      runTest {
        val get = CompletableFuture<Optional<String>>()
        val reserve = CompletableFuture<Optional<JavaJob<String>>>()
        val store = fake<JavaKeyValueStore<String>> { _, _ -> get }.asKotlin()
        val queue = fake<JavaJobQueue<String>> { _, _ -> reserve }.asKotlin()
        val waiting = launch {
          launch { store.get("key") }
          launch { queue.reserve() }
        }
        runCurrent()
        waiting.cancel()
        runCurrent()
        get.isCancelled shouldBe true
        reserve.isCancelled shouldBe true
      }
    }

    test("a job reserved for a coroutine that is cancelled before it goes on is given back") {
      runTest {
        val reserve = CompletableFuture<Optional<JavaJob<String>>>()
        val queue = fake<JavaJobQueue<String>> { _, _ -> reserve }.asKotlin()
        val job = FakeJob("1")
        val waiting = launch { queue.reserve() }
        runCurrent()
        reserve.complete(Optional.of(job))
        waiting.cancel()
        runCurrent()
        job.settled shouldContainExactly listOf(GIVEN_BACK)
      }
    }

    test("all jobs received for a coroutine that was cancelled are given back, also if the call cannot be cancelled") {
      runTest {
        val receive =
          object : CompletableFuture<List<JavaJob<String>>>() {
            override fun cancel(interrupt: Boolean) = false
          }
        val queue = fake<JavaJobQueue<String>> { _, _ -> receive }.asKotlin()
        val jobs = listOf(FakeJob("1"), FakeJob("2"))
        val waiting = launch { queue.receive(2) }
        runCurrent()
        waiting.cancel()
        runCurrent()
        receive.complete(jobs)
        jobs.flatMap { it.settled } shouldContainExactly listOf(GIVEN_BACK, GIVEN_BACK)
      }
    }

    test("a job that reached its coroutine is not given back") {
      runTest {
        val job = FakeJob("1")
        val queue = fake<JavaJobQueue<String>> { _, _ -> done(Optional.of(job)) }.asKotlin()
        queue.reserve()?.java shouldBeSameInstanceAs job
        job.settled shouldBe emptyList()
      }
    }

    test("cancelling a settlement stops the waiting only") {
      runTest {
        val settlement = CompletableFuture<Void>()
        val job = FakeJob("1", settlement)
        val waiting = launch { job.asKotlin().ack() }
        runCurrent()
        waiting.cancel()
        runCurrent()
        waiting.isCompleted shouldBe true
        settlement.isDone shouldBe false
      }
    }

    test("infinity is refused before anything is sent") {
      val queue = fake<JavaJobQueue<String>> { _, _ -> error("sent") }.asKotlin()
      shouldThrow<InvalidRequestException> { queue.reserve(maxWait = Duration.INFINITE) }.hint shouldBe "Give a finite duration"
    }
  })
