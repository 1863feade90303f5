package dev.tributary.kotlin.test

import dev.tributary.error.ClientClosedException
import dev.tributary.error.ErrorInfo
import dev.tributary.error.NotFoundException
import dev.tributary.error.OverloadedException
import dev.tributary.kotlin.Text
import dev.tributary.testkit.VirtualTime
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinInstant
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.advanceUntilIdle
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

@OptIn(ExperimentalCoroutinesApi::class)
class FakeTributarySpec :
  FunSpec({
    test("a job whose handler fails is a dead letter when the backoffs have passed, which takes no time") {
      runTest {
        val mails = fakeTributary().client.queue("mails", Text)
        var attempts = 0
        backgroundScope.launch {
          mails.process {
            attempts++
            error("down")
          }
        }
        mails.enqueue("welcome 42")
        delay(5.minutes)
        attempts shouldBe 3
        mails.deadLetters.list().map { it.value() } shouldContainExactly listOf("welcome 42")
        currentTime shouldBe 300_000
      }
    }

    test("handlers and timers take turns, in the order of their times") {
      runTest {
        val fake = fakeTributary()
        val mails = fake.client.queue("mails", Text)
        val handled = mutableListOf<Pair<String, Long>>()
        val working = launch {
          mails.process {
            delay(10.seconds)
            handled += it.value to currentTime
          }
        }
        mails.enqueue("later") { delay(1.minutes) }
        mails.enqueue("now")
        advanceTimeBy(70.seconds)
        handled shouldContainExactly listOf("now" to 10_000L)
        runCurrent()
        handled shouldContainExactly listOf("now" to 10_000L, "later" to 70_000L)
        working.cancel()
      }
    }

    test("a call that fails is tried again while its caller waits") {
      runTest {
        val fake = fakeTributary()
        fake.faults.failNext("enqueue", OverloadedException(ErrorInfo.of("full", "")))
        fake.client.queue("mails", Text).enqueue("v")
        fake.journal.count("enqueue") shouldBe 2
      }
    }

    test("a call that waits, waits in the time of the test") {
      runTest {
        val mails = fakeTributary().client.queue("mails", Text)
        mails.reserve(maxWait = 1.minutes).shouldBeNull()
        currentTime shouldBe 60_000
        mails.enqueue("v")
        val job = mails.reserve(lease = 12.hours).shouldNotBeNull()
        job.leaseDeadline shouldBe VirtualTime.START.plus(Duration.ofHours(12).plusMinutes(1)).toKotlinInstant()
        delay(12.hours)
        job.leaseEndsWithin(0.seconds) shouldBe true
      }
    }

    test("timers keep neither advanceUntilIdle nor the test from ending") {
      runTest {
        val fake = fakeTributary()
        fake.client.stream("orders", Text).consumer("g")
        backgroundScope.launch { fake.client.queue("mails", Text).process { awaitCancellation() } }
        fake.client.queue("mails", Text).enqueue("v")
        advanceUntilIdle()
      }
    }

    test("where a test is unconfined, timers still wait for their time") {
      runTest(UnconfinedTestDispatcher()) {
        val mails = fakeTributary().client.queue("mails", Text)
        mails.enqueue("v") { delay(1.minutes) }
        mails.reserve().shouldBeNull()
        delay(1.minutes)
        mails.reserve().shouldNotBeNull()
      }
    }

    test("engine and client are what the test says, in the time of the test") {
      runTest {
        val fake = fakeTributary({ createOnFirstUse(false).time(VirtualTime()) }) {
          tenant("acme")
          time(VirtualTime())
        }
        shouldThrow<NotFoundException> { fake.client.queue("mails", Text).enqueue("v") }
        fake.client.admin.ensureQueue("mails")
        fake.client.queue("mails", Text).name.toString() shouldBe "acme/default/mails"
        fake.client.queue("mails", Text).reserve(maxWait = 1.minutes).shouldBeNull()
        currentTime shouldBe 60_000
      }
    }

    test("a fake is closed when its test ends, whatever waits") {
      lateinit var fake: FakeTributary
      runTest {
        fake = fakeTributary()
        backgroundScope.launch { fake.client.queue("mails", Text).process { awaitCancellation() } }
        fake.client.queue("mails", Text).enqueue("v")
        runCurrent()
      }
      shouldThrow<ClientClosedException> { fake.client.queue("mails", Text).enqueue("v") }
    }

    test("a duration of no whole milliseconds is rounded up, one of centuries does not overflow, and a cancelled timer never runs") {
      val test = TestScope()
      val time = TestTime(test)
      val ran = mutableListOf<String>()
      time.schedule(Duration.ofNanos(1)) { ran += "nano" }
      time.schedule(Duration.ZERO) { ran += "now" }
      time.schedule(Duration.ofSeconds(-1)) { ran += "late" }
      time.schedule(Duration.ofSeconds(Long.MAX_VALUE)) { ran += "never" }
      time.schedule(Duration.ofMillis(2)) { ran += "cancelled" }.cancel()
      ran shouldContainExactly emptyList()
      test.runCurrent()
      ran shouldContainExactly listOf("now", "late")
      test.testScheduler.advanceTimeBy(10_000)
      ran shouldContainExactly listOf("now", "late", "nano")
      time.nanos() shouldBe 10_000_000_000L
      time.now() shouldBe VirtualTime.START.plusSeconds(10)
    }
  })
