package dev.tributary.kotlin

import dev.tributary.error.InvalidRequestException
import dev.tributary.queue.JobsOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.time.Duration
import java.util.concurrent.CancellationException
import java.util.concurrent.Flow
import kotlin.time.Duration.Companion.hours
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import dev.tributary.JobQueue as JavaJobQueue
import dev.tributary.queue.Job as JavaJob

@OptIn(ExperimentalCoroutinesApi::class)
class JobsSpec :
  FunSpec({
    test("asks for a job when the collector is done with the one before") {
      runTest {
        val source = FakePublisher<JavaJob<String>>()
        val gate = CompletableDeferred<Unit>()
        val collector = launch { source.oneAtATime().collect { gate.await() } }
        runCurrent()
        source.requested shouldBe 1
        source.subscriber.onNext(FakeJob("1"))
        runCurrent()
        source.requested shouldBe 1
        gate.complete(Unit)
        runCurrent()
        source.requested shouldBe 2
        collector.cancel()
      }
    }

    test("cancelling closes the subscription and gives back what did not reach the collector, and only that") {
      runTest {
        val source = FakePublisher<JavaJob<String>>()
        val collected = mutableListOf<String>()
        val collector = launch { source.oneAtATime().collect { collected += it.id } }
        runCurrent()
        val (reached, lost, late) = listOf(FakeJob("reached"), FakeJob("lost"), FakeJob("late"))
        source.subscriber.onNext(reached)
        runCurrent()
        source.subscriber.onNext(lost)
        collector.cancel()
        runCurrent()
        source.subscriber.onNext(late)
        source.cancelled shouldBe true
        collected shouldContainExactly listOf("reached")
        reached.settled.shouldBeEmpty()
        lost.settled shouldContainExactly listOf(GIVEN_BACK)
        late.settled shouldContainExactly listOf(GIVEN_BACK)
      }
    }

    test("the first job is the collector's, and nothing else is taken") {
      runTest {
        val source = FakePublisher<JavaJob<String>>()
        val first = async { source.oneAtATime().first() }
        runCurrent()
        val job = FakeJob("1")
        source.subscriber.onNext(job)
        first.await().java shouldBeSameInstanceAs job
        source.requested shouldBe 1
        source.cancelled shouldBe true
        job.settled.shouldBeEmpty()
      }
    }

    test("ends as the subscription ends") {
      runTest {
        val closed = FakePublisher<JavaJob<String>>()
        val all = async { closed.oneAtATime().toList() }
        runCurrent()
        closed.subscriber.onComplete()
        all.await().shouldBeEmpty()

        val failed = FakePublisher<JavaJob<String>>()
        val error = InvalidRequestException.of("no", "do not")
        val result = async { runCatching { failed.oneAtATime().toList() } }
        runCurrent()
        failed.subscriber.onError(error)
        result.await().exceptionOrNull() shouldBeSameInstanceAs error
      }
    }

    test("a subscription that arrives after the collector was cancelled is cancelled") {
      runTest {
        val late = FakePublisher<JavaJob<String>>()
        lateinit var waiting: Flow.Subscriber<in JavaJob<String>>
        val collector = launch { Flow.Publisher<JavaJob<String>> { waiting = it }.oneAtATime().collect {} }
        runCurrent()
        collector.cancel(CancellationException("enough"))
        runCurrent()
        late.subscribe(waiting)
        late.cancelled shouldBe true
      }
    }

    test("says how long a lease is and may become") {
      val asked = mutableListOf<JobsOptions>()
      val queue =
        fake<JavaJobQueue<String>> { _, arguments ->
            asked += arguments[0] as JobsOptions
            FakePublisher<JavaJob<String>>()
          }
          .asKotlin()
      queue.jobs()
      queue.jobs { lease(2.hours) }
      queue.jobs { withoutRenewal() }
      shouldThrow<InvalidRequestException> {
        queue.jobs {
          lease(2.hours)
          renewal(1.hours)
        }
      }
      asked.map { Triple(it.lease(), it.renew(), it.maxLease()) } shouldContainExactly
        listOf(
          Triple(Duration.ofSeconds(30), true, Duration.ofHours(1)),
          Triple(Duration.ofHours(2), true, Duration.ofHours(2)),
          Triple(Duration.ofSeconds(30), false, Duration.ofSeconds(30)),
        )
    }
  })
