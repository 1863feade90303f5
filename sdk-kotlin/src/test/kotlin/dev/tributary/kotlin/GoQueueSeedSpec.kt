package dev.tributary.kotlin

import dev.tributary.error.UnauthenticatedException
import dev.tributary.testkit.server.EmbeddedServer
import dev.tributary.trace.TraceQuery
import dev.tributary.trace.TraceStatus
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlinx.coroutines.runBlocking

/** The stories that GoQueue's users know, over real HTTP. */
class GoQueueSeedSpec :
  FunSpec({
    timeout = 60_000
    include(goQueueStories { Node() })

    fun story(name: String, tell: suspend Node.(Tributary) -> Unit) {
      test(name) {
        Node().use { node ->
          runBlocking {
            val client = node.connect()
            node.tell(client)
            node.passing { client.close() }
          }
        }
      }
    }

    story("a topic is a stream and a queue") { client ->
      client.admin.createStream("orders", partitions = 3)
      client.stream("orders", Text).publish("order") {
        key("user-123")
        header("type", "created")
      }
      val queue = client.queue("orders", Text)
      with(queue.reserve().shouldNotBeNull()) {
        value shouldBe "order"
        headers shouldBe mapOf("type" to "created")
        ack()
      }
      queue.receive(1).shouldBeEmpty()
    }

    story("the server's parts and counters are shown") { client ->
      val checks = client.health.report().checks
      checks.keys shouldBe setOf("broker", "storage")
      checks.values.all { it.passed } shouldBe true
      client.admin.createQueue("work")
      val work = client.queue("work", Text)
      work.enqueueAll(listOf(newJob("a"), newJob("b") { priority(2) }, newJob("c") { delay(1.hours) }))
      work.reserve().shouldNotBeNull().ack()
      with(client.admin.statistics()) {
        streams.single().messages shouldBe 2
        streams.single().delayed shouldBe 1
        streams.single().byPriority[2] shouldBe 1
        delays.pending shouldBe 1
        settlements.acked shouldBe 1
      }
    }

    story("what became of a message is looked up") { client ->
      client.admin.createQueue("work")
      val work = client.queue("work", Text)
      work.enqueueAll(listOf(newJob("good"), newJob("bad")))
      work.reserve().shouldNotBeNull().ack()
      work.reserve().shouldNotBeNull().reject("no")
      val good = client.traces.search(TraceQuery.builder().stream("work").status(TraceStatus.COMPLETED).build()).single()
      good.offset.orNull() shouldBe 0
      client.traces.trace(good.id).spans.map { it.event } shouldContainAll listOf("publish.received", "consume.fetched", "consume.acked")
      client.traces.search(TraceQuery.builder().stream("work").status(TraceStatus.FAILED).build()).map { it.offset.orNull() } shouldContainExactly listOf(1L)
    }

    story("a wrong key is refused") {
      val stranger = connect { token("gq_wrong") }
      shouldThrow<UnauthenticatedException> { stranger.stream("orders", Text).publish("v") }
      passing { stranger.close() }
    }
  })

private class Node : Stage() {
  private val server =
    EmbeddedServer.of("goqueue").transport(engine.connect()).time(time).token(KEY).createOnFirstUse(false).start()

  override fun connect(more: ConfigBuilder.() -> Unit): Tributary =
    Tributary.connect(server.uri()) {
      token(KEY)
      time(time)
      timeout(1.days)
      connectTimeout(1.days)
      idleProbe(1.days)
      more()
    }

  override fun close() {
    server.close()
    super.close()
  }
}

private const val KEY = "gq_secret"
