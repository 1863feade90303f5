package dev.tributary.kotlin

import dev.tributary.error.NotFoundException
import dev.tributary.error.TributaryException
import dev.tributary.stream.Position
import dev.tributary.stream.StartAt
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.funSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/**
 * What the examples of FlowMesh's Python SDK tell, told in Kotlin: the same story with the same outcome.
 *
 * @param uri of a fresh server for each story, which takes `default` for tenant and namespace
 */
internal fun flowMeshStories(uri: () -> String) = funSpec {
  fun story(name: String, tell: suspend (Tributary) -> Unit) {
    test(name) { runBlocking { Tributary.connect(uri()).use { tell(it) } } }
  }

  test("create a client, use it and close it; or manage it by hand, with a token") {
    runBlocking {
      Tributary.connect(uri()).use { client -> client.health.live() shouldBe true }

      val client = Tributary.connect(uri()) { token("your-token") }
      try {
        client.health.ready() shouldBe true
      } finally {
        client.close()
      }
    }
  }

  story("write events") { client ->
    val stream = client.stream("tenant/namespace/stream-name", Text)
    val positions = stream.publishAll(
      listOf(event("""{"order_id": "123", "amount": 99.99}""") { header("event_type", "order.created") }),
    )
    positions shouldContainExactly listOf(Position(0, 0))
  }

  story("read messages") { client ->
    val stream = client.stream("tenant/namespace/stream-name", Text)
    repeat(12) { stream.publish("payload $it") { header("n", "$it") } }
    val messages = stream.read(partition = 0, offset = 0, max = 10)
    messages.map { it.offset } shouldContainExactly (0L..9L).toList()
    messages.map { it.value } shouldContainExactly List(10) { "payload $it" }
    messages.last().headers["n"] shouldBe "9"
  }

  story("subscribe to a stream, and commit each offset") { client ->
    val stream = client.stream("tenant/namespace/stream-name", Text)
    stream.publish("before")
    val live = CompletableDeferred<Unit>()
    coroutineScope {
      val message = async {
        stream
          .subscribe(StartAt.latest()) {
            group("consumer-group")
            partitions(setOf(0))
            onState { if (it == dev.tributary.SubscriptionState.LIVE) live.complete(Unit) }
          }
          .first()
      }
      live.await()
      stream.publish("processed")
      val processed = message.await()
      processed.value shouldBe "processed"
      // What is committed is the next offset to read, on every backend.
      stream.commit("consumer-group", Position(0, processed.offset + 1))
    }
    stream.committed("consumer-group", 0) shouldBe 2
    stream.latestOffset(0) shouldBe 1
    stream.groupState("consumer-group").lag() shouldBe 0

    stream.publish("next")
    val resumed = stream.subscribe(StartAt.committed()) {
      group("consumer-group")
      partitions(setOf(0))
    }
    resumed.first().value shouldBe "next"
  }

  story("enqueue a job with a delay and headers") { client ->
    val queue = client.queue("tenant/namespace/queue-name", Text)
    val result = queue.enqueue("""{"task": "process_order"}""") {
      delay(5.seconds)
      header("priority", "high")
    }
    result.id.isEmpty() shouldBe false
    queue.reserve().shouldBeNull()
    queue.stats().pending shouldBe 1
  }

  story("reserve and process a job") { client ->
    val queue = client.queue("tenant/namespace/queue-name", Text)
    val id = queue.enqueue("""{"task": "process_order"}""") { header("priority", "high") }.id
    val job = queue.reserve(lease = 30.seconds).shouldNotBeNull()
    job.id shouldBe id
    job.headers["priority"] shouldBe "high"
    job.ack()
    queue.reserve().shouldBeNull()
    queue.stats().inFlight shouldBe 0
  }

  story("receive a batch") { client ->
    val queue = client.queue("tenant/namespace/queue-name", Text)
    queue.enqueueAll(List(12) { newJob("v$it") })
    val jobs = queue.receive(max = 10, lease = 30.seconds)
    jobs.map { it.value } shouldContainExactlyInAnyOrder List(10) { "v$it" }
  }

  story("a worker acks what it processed and nacks what failed") { client ->
    val queue = client.queue("tenant/namespace/queue-name", Text)
    queue.enqueueAll(List(5) { newJob("v$it") })
    val attempts = mutableListOf<Pair<String, Int>>()
    val all = CompletableDeferred<Unit>()
    coroutineScope {
      val working = launch {
        // One job at a time, so nothing here needs a lock.
        queue.process(options = { backoff { _, _ -> 0.seconds } }) { job ->
          attempts += job.value to job.attempt
          if (attempts.size == 6) all.complete(Unit)
          check(job.value != "v2" || job.attempt > 1) { "broken" }
        }
      }
      all.await()
      // Cancelling waits for what is being settled.
      working.cancel()
      working.join()
    }
    attempts shouldContainExactlyInAnyOrder listOf("v0" to 1, "v1" to 1, "v2" to 1, "v2" to 2, "v3" to 1, "v4" to 1)
  }

  story("queue statistics") { client ->
    val queue = client.queue("tenant/namespace/queue-name", Text)
    queue.enqueueAll(List(3) { newJob("v$it") })
    queue.reserve().shouldNotBeNull()
    with(queue.stats()) {
      pending shouldBe 2
      inFlight shouldBe 1
    }
  }

  story("set with a time to live, and get") { client ->
    val store = client.keyValue("tenant/namespace/store-name", Text)
    store.put("key", """{"value": "data"}""", ttl = 1.hours)
    store.get("key") shouldBe """{"value": "data"}"""
    store.get("no such key").shouldBeNull()
  }

  story("list keys") { client ->
    val store = client.keyValue("tenant/namespace/store-name", Text)
    listOf("user:2", "user:1", "order:1").forEach { store.put(it, "v") }
    store.keys(prefix = "") shouldContainExactly listOf("order:1", "user:1", "user:2")
    store.keys(prefix = "user:") shouldContainExactly listOf("user:1", "user:2")
  }

  story("check existence, and delete") { client ->
    val store = client.keyValue("tenant/namespace/store-name", Text)
    store.put("key", "v")
    store.exists("key") shouldBe true
    store.delete("key")
    store.exists("key") shouldBe false
  }

  story("errors are told apart by their class, and have one base") { client ->
    val missing = shouldThrow<NotFoundException> { client.schemas.latest("tenant/namespace/nothing") }
    (missing as TributaryException).resource() shouldBe "tenant/namespace/nothing"
  }
}
