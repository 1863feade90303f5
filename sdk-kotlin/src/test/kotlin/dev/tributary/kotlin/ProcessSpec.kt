package dev.tributary.kotlin

import dev.tributary.error.InvalidRequestException
import dev.tributary.error.LeaseLostException
import dev.tributary.error.ErrorInfo
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout

@OptIn(ExperimentalCoroutinesApi::class)
class ProcessSpec :
  FunSpec({
    test("hands jobs to coroutines side by side and tells the worker how they ended") {
      runTest {
        val worker = FakeWorker()
        val gates = mapOf("1" to CompletableDeferred<Unit>(), "2" to CompletableDeferred())
        val processing = launch { worker.queue().process(concurrency = 2) { gates.getValue(it.id).await() } }
        runCurrent()
        val first = worker.hand(FakeJob("1"))
        val second = worker.hand(FakeJob("2"))
        runCurrent()
        gates.getValue("2").complete(Unit)
        runCurrent()
        first.isDone shouldBe false
        second.isDone shouldBe true
        gates.getValue("1").completeExceptionally(IllegalStateException("broken"))
        runCurrent()
        first.isCompletedExceptionally shouldBe true
        processing.isActive shouldBe true
        processing.cancel()
      }
    }

    test("a failing handler fails neither the others nor the caller, and leaves the nack to the worker") {
      runTest {
        val worker = FakeWorker()
        val processing = launch { worker.queue().process { if (it.id == "bad") error("broken") } }
        runCurrent()
        val bad = FakeJob("bad")
        val failed = worker.hand(bad)
        runCurrent()
        failed.isCompletedExceptionally shouldBe true
        bad.settled.shouldBeEmpty()
        val good = worker.hand(FakeJob("good"))
        runCurrent()
        good.isCompletedExceptionally shouldBe false
        processing.cancel()
      }
    }

    test("a timeout within a handler is a failure like any other") {
      runTest {
        val worker = FakeWorker()
        val processing = launch { worker.queue().process { withTimeout(5.seconds) { awaitCancellation() } } }
        runCurrent()
        val job = FakeJob("slow")
        val failed = worker.hand(job)
        testScheduler.advanceTimeBy(6.seconds)
        runCurrent()
        shouldThrow<Exception> { failed.join() }.shouldBeInstanceOf<TimeoutCancellationException>()
        job.settled.shouldBeEmpty()
        processing.isActive shouldBe true
        processing.cancel()
      }
    }

    test("cancelling cancels the handlers, gives their jobs back, waits for that and closes the worker") {
      runTest {
        val worker = FakeWorker()
        var cleaned = false
        val processing = launch {
          worker.queue().process {
            try {
              awaitCancellation()
            } finally {
              cleaned = true
            }
          }
        }
        runCurrent()
        val settlement = CompletableFuture<Void>()
        val job = FakeJob("1", settlement)
        val handled = worker.hand(job)
        runCurrent()
        processing.cancel()
        runCurrent()
        cleaned shouldBe true
        job.settled shouldContainExactly listOf(GIVEN_BACK)
        handled.isDone shouldBe false
        processing.isCompleted shouldBe false
        settlement.complete(null)
        runCurrent()
        handled.isCompletedExceptionally shouldBe true
        worker.closed shouldBe true
        processing.isCompleted shouldBe true
      }
    }

    test("jobs are given back only when no more are taken, and a job that comes later is given back and not handled") {
      runTest {
        val worker = FakeWorker()
        val handled = mutableListOf<String>()
        var closedBefore = false
        val processing = launch {
          worker.queue().process {
            handled += it.id
            try {
              awaitCancellation()
            } finally {
              closedBefore = worker.closed
            }
          }
        }
        runCurrent()
        worker.hand(FakeJob("running"))
        runCurrent()
        processing.cancel()
        runCurrent()
        closedBefore shouldBe true
        val late = FakeJob("late")
        worker.hand(late)
        runCurrent()
        handled shouldContainExactly listOf("running")
        late.settled shouldContainExactly listOf(GIVEN_BACK)
        processing.isCompleted shouldBe true
      }
    }

    test("a handler that cancels itself has failed, and takes nobody with it") {
      runTest {
        val worker = FakeWorker()
        val processing = launch { worker.queue().process { currentCoroutineContext().cancel() } }
        runCurrent()
        val job = FakeJob("1")
        val failed = worker.hand(job)
        runCurrent()
        failed.isCompletedExceptionally shouldBe true
        job.settled.shouldBeEmpty()
        worker.closed shouldBe false
        processing.isActive shouldBe true
        processing.cancel()
      }
    }

    test("a handler that was cancelled after it settled its job has had the last word") {
      runTest {
        val worker = FakeWorker()
        val processing = launch {
          worker.queue().process {
            it.reject("never")
            awaitCancellation()
          }
        }
        runCurrent()
        val lost = LeaseLostException(ErrorInfo.of("settled already", ""))
        val job = FakeJob("1", CompletableFuture<Void>())
        val settlesOnce =
          fake<dev.tributary.queue.Job<String>> { method, arguments ->
            when (method) {
              "reject" -> nothing.also { job.reject(arguments[0] as String) }
              "nack" -> CompletableFuture.failedFuture<Any>(lost)
              else -> error(method)
            }
          }
        val handled = worker.hand(settlesOnce)
        runCurrent()
        processing.cancel()
        runCurrent()
        job.settled shouldContainExactly listOf("reject: never")
        handled.isDone shouldBe true
        processing.isCompleted shouldBe true
      }
    }

    test("a failing sibling ends the worker") {
      runTest {
        val worker = FakeWorker()
        val broken = CompletableDeferred<Unit>()
        val failure = IllegalStateException("sibling")
        val outcome = async {
          runCatching {
            coroutineScope {
              worker.queue().processIn(this) { awaitCancellation() }
              launch { broken.await() }
            }
          }
        }
        runCurrent()
        val job = FakeJob("1")
        worker.hand(job)
        runCurrent()
        broken.completeExceptionally(failure)
        runCurrent()
        worker.closed shouldBe true
        job.settled shouldContainExactly listOf(GIVEN_BACK)
        outcome.await().exceptionOrNull()?.message shouldBe "sibling"
      }
    }

    test("using a worker closes it at the end, lets its handlers finish and waits for them") {
      runTest {
        val worker = FakeWorker()
        val gate = CompletableDeferred<Unit>()
        val job = FakeJob("1")
        val using = launch { worker.queue().processIn(this) { gate.await() }.use { worker.hand(job) } }
        runCurrent()
        worker.closed shouldBe true
        using.isCompleted shouldBe false
        gate.complete(Unit)
        runCurrent()
        using.isCompleted shouldBe true
        job.settled.shouldBeEmpty()
      }
    }

    test("closing from outside drains, and then processing returns") {
      runTest {
        val worker = FakeWorker()
        val gate = CompletableDeferred<Unit>()
        val processing = async { worker.queue().process { gate.await() } }
        runCurrent()
        val job = FakeJob("1")
        val handled = worker.hand(job)
        runCurrent()
        worker.closeAsync()
        runCurrent()
        processing.isCompleted shouldBe false
        gate.complete(Unit)
        processing.await()
        handled.isCompletedExceptionally shouldBe false
        job.settled.shouldBeEmpty()
      }
    }

    test("a worker that cannot go on fails the caller with its error") {
      runTest {
        val worker = FakeWorker()
        val error = InvalidRequestException.of("no", "do not")
        val processing = async { runCatching { worker.queue().process { awaitCancellation() } } }
        runCurrent()
        worker.end.completeExceptionally(error)
        processing.await().exceptionOrNull() shouldBeSameInstanceAs error
      }
    }

    test("a worker that could not be made leaves nothing behind") {
      runTest {
        val error = InvalidRequestException.of("no", "do not")
        val queue = fake<dev.tributary.JobQueue<String>> { _, _ -> throw error }.asKotlin()
        shouldThrow<InvalidRequestException> { queue.process {} } shouldBeSameInstanceAs error
      }
    }

    test("hands its options to the worker") {
      runTest {
        val worker = FakeWorker()
        val queue = worker.queue()
        val processing = launch {
          queue.process(
            concurrency = 16,
            options = {
              lease(10.seconds)
              renewal(5.minutes)
              backoff { attempt, _ -> attempt.seconds }
              drainTimeout(1.seconds)
            },
          ) {}
        }
        runCurrent()
        processing.cancel()
        with(worker.options) {
          concurrency() shouldBe 16
          lease() shouldBe Duration.ofSeconds(10)
          renew() shouldBe true
          maxLease() shouldBe Duration.ofMinutes(5)
          backoff()?.delay(3, IllegalStateException()) shouldBe Duration.ofSeconds(3)
          drainTimeout() shouldBe Duration.ofSeconds(1)
        }
      }
    }
  })
