package dev.tributary.kotlin

import dev.tributary.config.ClientConfig
import dev.tributary.error.ConnectionFailedException
import dev.tributary.error.InvalidRequestException
import dev.tributary.error.UnauthenticatedException
import dev.tributary.testkit.server.EmbeddedServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.days
import kotlinx.coroutines.runBlocking

/** The stories that Disheap's users know, over real gRPC, through a cluster whose nodes share what is stored. */
class DisheapSeedSpec :
  FunSpec({
    timeout = 60_000
    include(disheapStories { Servers() })

    fun story(name: String, tell: suspend Servers.(Tributary) -> Unit) {
      test(name) { Servers().use { cluster -> runBlocking { cluster.connect().use { client -> cluster.tell(client) } } } }
    }

    story("a node that ends is left for another") { client ->
      client.admin.createQueue("topic")
      val queue = client.queue("topic", Text)
      queue.enqueue("before")
      nodes.first().stop()
      passing { queue.enqueue("after") }.duplicate shouldBe false
      passing { queue.receive(2) }.map { it.value } shouldContainExactly listOf("before", "after")
    }

    story("every node is healthy") {
      for (node in nodes) {
        connect(listOf(node)).use { one ->
          one.health.live() shouldBe true
          one.health.ready() shouldBe true
        }
      }
    }

    story("errors of the wire are told apart by their class") { client ->
      client.admin.createQueue("topic")
      val queue = client.queue("topic", Text)
      shouldThrow<InvalidRequestException> { queue.enqueue("v") { priority(1_000_001) } }
      connect { token("dh_wrong_secret") }.use { stranger ->
        shouldThrow<UnauthenticatedException> { stranger.queue("topic", Text).enqueue("v") }
      }
      connect { retry(maxAttempts = 1) }.use { hasty ->
        nodes.forEach { it.stop() }
        shouldThrow<ConnectionFailedException> { hasty.queue("topic", Text).enqueue("v") }
      }
    }
  })

private class Servers : Stage() {
  val nodes = List(3) {
    EmbeddedServer.of("disheap").transport(engine.connect()).time(time).token(KEY).createOnFirstUse(false).start()
  }

  override fun connect(more: ConfigBuilder.() -> Unit): Tributary = connect(nodes, more)

  fun connect(to: List<EmbeddedServer>, more: ConfigBuilder.() -> Unit = {}): Tributary =
    Tributary.connect("disheap://" + to.flatMap { ClientConfig.parse(it.uri()).endpoints() }.joinToString(",") { "${it.host}:${it.port}" }) {
      token(KEY)
      time(time)
      timeout(1.days)
      idleProbe(1.days)
      more()
    }

  override fun close() {
    nodes.forEach { it.close() }
    super.close()
  }
}

private const val KEY = "dh_test_secret"
