package dev.tributary.kotlin

import dev.tributary.config.ClientConfig
import dev.tributary.engine.MemoryEngine
import dev.tributary.spi.TimeSource
import dev.tributary.stream.StartAt
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap
import kotlin.random.Random
import kotlin.time.Duration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield

/** Cancellation at any moment, on real threads: nothing is lost, whichever side is faster. */
class RaceSpec :
  FunSpec({
    val random = Random(1)

    suspend fun <R> withClient(block: suspend (Tributary) -> R): R =
      MemoryEngine.on(TimeSource.system()).use { engine ->
        Tributary.over(engine.connect(), ClientConfig.builder("memory").build()).use { block(it) }
      }

    /** Runs the block on another thread and cancels it after a while that differs. */
    suspend fun cancelled(block: suspend () -> Unit) {
      withContext(Dispatchers.Default) {
        val running = launch { block() }
        repeat(random.nextInt(12)) { yield() }
        running.cancel()
        running.join()
      }
    }

    test("every job that was reserved is handled or given back") {
      withClient { client ->
        val queue = client.queue("work", Text)
        queue.setRedeliveryPolicy(redeliveryPolicy { maxAttempts(0) })
        queue.enqueueAll(List(300) { newJob("v$it") })
        val handled = ConcurrentHashMap.newKeySet<String>()
        var rounds = 0
        while (handled.size < 300) {
          cancelled {
            queue.reserve()?.let {
              withContext(NonCancellable) {
                it.ack()
                handled += it.value
              }
            }
          }
          ++rounds shouldBeLessThan 100_000
        }
        queue.stats().inFlight shouldBe 0
      }
    }

    test("every job is processed, however often processing is cancelled") {
      withClient { client ->
        val queue = client.queue("work", Text)
        queue.setRedeliveryPolicy(redeliveryPolicy { maxAttempts(0) })
        queue.enqueueAll(List(300) { newJob("v$it") })
        val handled = ConcurrentHashMap.newKeySet<String>()
        var rounds = 0
        while (handled.size < 300) {
          cancelled {
            queue.process(concurrency = 8) {
              yield()
              handled += it.value
            }
          }
          queue.stats().inFlight shouldBe 0
          ++rounds shouldBeLessThan 10_000
        }
      }
    }

    test("every message is handed out by polls, however often they are cancelled") {
      withClient { client ->
        val stream = client.stream("orders", Text)
        val values = List(300) { "v$it" }
        stream.publishAll(values.map { event(it) })
        val seen = Collections.synchronizedList(mutableListOf<String>())
        stream.consumer("g") { manualCommit() }.use { consumer ->
          var rounds = 0
          while (seen.size < 300) {
            cancelled { seen += consumer.poll(3, Duration.ZERO).map { it.value } }
            ++rounds shouldBeLessThan 100_000
          }
        }
        seen.toList() shouldBe values
      }
    }

    test("a subscription sees everything in order while it is published from other threads") {
      withClient { client ->
        val stream = client.stream("orders", Text)
        withContext(Dispatchers.Default) {
          launch { stream.publisher().use { publisher -> repeat(5_000) { publisher.send("v$it") } } }
          stream.subscribe(StartAt.earliest()) { prefetch(7) }.take(5_000).toList().map { it.value } shouldBe List(5_000) { "v$it" }
        }
      }
    }
  })
