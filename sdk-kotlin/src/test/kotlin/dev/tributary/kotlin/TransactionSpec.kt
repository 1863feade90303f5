package dev.tributary.kotlin

import dev.tributary.Transaction as JavaTransaction
import dev.tributary.Tributary as JavaTributary
import dev.tributary.error.DeadlineExceededException
import dev.tributary.error.ErrorInfo
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

@OptIn(ExperimentalCoroutinesApi::class)
class TransactionSpec :
  FunSpec({
    class Fake(val settlement: CompletableFuture<Void> = nothing) {
      val calls = mutableListOf<String>()
      val begun = CompletableFuture<JavaTransaction>()
      val transaction =
        fake<JavaTransaction> { method, _ ->
          calls += method
          settlement
        }
      val client = fake<JavaTributary> { method, _ -> if (method == "transaction") begun else error(method) }.asKotlin()
    }

    test("commits when the block returns, and returns what it returned") {
      runTest {
        val fake = Fake().apply { begun.complete(transaction) }
        fake.client.inTransaction { 42 } shouldBe 42
        fake.calls shouldContainExactly listOf("commit")
      }
    }

    test("aborts when the block throws, and throws that") {
      runTest {
        val fake = Fake().apply { begun.complete(transaction) }
        shouldThrow<IllegalStateException> { fake.client.inTransaction { error("broken") } }.message shouldBe "broken"
        fake.calls shouldContainExactly listOf("abort")
      }
    }

    test("an abort that fails does not hide why") {
      runTest {
        val fake = Fake(CompletableFuture.failedFuture(IllegalStateException("abort"))).apply { begun.complete(transaction) }
        val thrown = shouldThrow<IllegalStateException> { fake.client.inTransaction { error("broken") } }
        thrown.message shouldBe "broken"
        thrown.suppressed.map { it.message } shouldContainExactly listOf("abort")
      }
    }

    test("a cancelled block aborts, and the abort is waited for") {
      runTest {
        val fake = Fake(CompletableFuture()).apply { begun.complete(transaction) }
        val working = launch { fake.client.inTransaction { awaitCancellation() } }
        runCurrent()
        working.cancel()
        runCurrent()
        fake.calls shouldContainExactly listOf("abort")
        working.isCompleted shouldBe false
        fake.settlement.complete(null)
        runCurrent()
        working.isCompleted shouldBe true
      }
    }

    test("a block that did not notice its cancellation does not commit") {
      runTest {
        val fake = Fake().apply { begun.complete(transaction) }
        launch { coroutineScope { fake.client.inTransaction { this@coroutineScope.cancel() } } }.join()
        fake.calls shouldContainExactly listOf("abort")
      }
    }

    test("a commit that has begun is seen through") {
      runTest {
        val fake = Fake(CompletableFuture()).apply { begun.complete(transaction) }
        var result = 0
        val working = launch { result = fake.client.inTransaction { 42 } }
        runCurrent()
        working.cancel()
        runCurrent()
        working.isCompleted shouldBe false
        fake.settlement.isCancelled shouldBe false
        fake.settlement.complete(null)
        runCurrent()
        result shouldBe 42
        fake.calls shouldContainExactly listOf("commit")
      }
    }

    test("a commit that failed without effect is followed by an abort; one that may have been applied is not") {
      runTest {
        for (maybeApplied in listOf(false, true)) {
          val error = DeadlineExceededException(ErrorInfo.of("late", "").maybeApplied(maybeApplied))
          val fake = Fake(CompletableFuture.failedFuture(error)).apply { begun.complete(transaction) }
          shouldThrow<DeadlineExceededException> { fake.client.inTransaction {} } shouldBeSameInstanceAs error
          fake.calls shouldContainExactly if (maybeApplied) listOf("commit") else listOf("commit", "abort")
        }
      }
    }

    test("a transaction that was begun for a cancelled coroutine is aborted") {
      runTest {
        val fake = Fake()
        val beginning = launch { fake.client.transaction() }
        runCurrent()
        fake.begun.complete(fake.transaction)
        beginning.cancel()
        runCurrent()
        fake.calls shouldContainExactly listOf("abort")
      }
    }

    test("one that could not be begun is neither committed nor aborted") {
      runTest {
        val fake = Fake().apply { begun.completeExceptionally(IllegalStateException("no")) }
        async { runCatching { fake.client.inTransaction {} } }.await().exceptionOrNull()?.message shouldBe "no"
        fake.calls.shouldBeEmpty()
      }
    }
  })
