package dev.tributary.kotlin

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import dev.tributary.Tributary as JavaTributary

@OptIn(ExperimentalCoroutinesApi::class)
class UseSpec :
  FunSpec({
    class Fake(val closing: CompletableFuture<Void>) {
      var closed = 0
      val client =
        fake<JavaTributary> { method, _ ->
            check(method == "closeAsync")
            closed++
            closing
          }
          .asKotlin()
    }

    test("closes after the block, and returns what it returned") {
      runTest {
        val fake = Fake(nothing)
        fake.client.use { it shouldBe fake.client } shouldBe fake.client
        fake.closed shouldBe 1
      }
    }

    test("closes after a failure, which wins over a failure to close") {
      runTest {
        val fake = Fake(CompletableFuture.failedFuture(IllegalStateException("close")))
        val thrown = shouldThrow<IllegalStateException> { fake.client.use { error("block") } }
        thrown.message shouldBe "block"
        thrown.suppressed.map { it.message } shouldContainExactly listOf("close")
        shouldThrow<IllegalStateException> { fake.client.use {} }.message shouldBe "close"
      }
    }

    test("closes when the block is left by a return") {
      runTest {
        val fake = Fake(nothing)

        suspend fun leave(): Int {
          fake.client.use { return 1 }
        }
        leave() shouldBe 1
        fake.closed shouldBe 1
      }
    }

    test("cancelled, it waits until the client is closed") {
      runTest {
        val fake = Fake(CompletableFuture())
        val using = launch { fake.client.use { awaitCancellation() } }
        runCurrent()
        using.cancel()
        runCurrent()
        fake.closed shouldBe 1
        using.isCompleted shouldBe false
        fake.closing.complete(null)
        runCurrent()
        using.isCompleted shouldBe true
      }
    }

    test("cancelling a close stops the waiting only") {
      runTest {
        val fake = Fake(CompletableFuture())
        val waiting = launch { fake.client.close() }
        runCurrent()
        waiting.cancel()
        runCurrent()
        waiting.isCompleted shouldBe true
        fake.closing.isDone shouldBe false
      }
    }
  })
