package dev.tributary.kotlin

import dev.tributary.Capability
import dev.tributary.HealthReport
import dev.tributary.admin.ResourceKind
import dev.tributary.config.ClientConfig
import dev.tributary.config.ProducerIdentity
import dev.tributary.error.ClientClosedException
import dev.tributary.error.ConflictException
import dev.tributary.error.InvalidRequestException
import dev.tributary.error.UnsupportedFeatureException
import dev.tributary.kv.Change
import dev.tributary.opentelemetry.OpenTelemetryInstrumentation
import dev.tributary.schema.Compatibility
import dev.tributary.schema.SchemaFormat
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest

/** Everything else a client has, from Kotlin down to an engine. */
@OptIn(ExperimentalCoroutinesApi::class)
class ClientSpec :
  FunSpec({
    test("connects by a URI; what the block says wins over it") {
      runTest {
        Tributary.connect("memory:?timeout=5s&tenant=acme") { timeout(3.seconds) }.use { client ->
          client.config.timeout() shouldBe Duration.ofSeconds(3)
          client.config.tenant() shouldBe "acme"
          client.capabilities shouldContain Capability.STREAMS
          client.stream("orders").name.toString() shouldBe "acme/default/orders"
        }
        shouldThrow<InvalidRequestException> { Tributary.connect("nosuch://host:1") }.message shouldContain "nosuch"
      }
    }

    test("every option of the block reaches the configuration") {
      val config =
        ConfigBuilder(ClientConfig.builder("any")).apply {
          endpoint("localhost", 1)
          instance("shared")
          tenant("t")
          namespace("n")
          token("secret")
          plaintextCredentials()
          tls()
          timeout(1.seconds)
          connectTimeout(2.seconds)
          idleProbe(3.seconds)
          retry(maxAttempts = 4, initialBackoff = 5.seconds, maxBackoff = 6.seconds, multiplier = 7.0)
          connections(8)
          maxConcurrentCalls(9)
          maxMessageBytes(10)
          prefetch(11)
          compression()
          metrics()
          tracing()
          logLevel(System.Logger.Level.DEBUG)
          header("h", "v")
          option("o", "v")
        }.builder.build()
      config.endpoints().single().port() shouldBe 1
      config.instance() shouldBe "shared"
      config.plaintextCredentials() shouldBe true
      config.tls().shouldNotBeNull()
      config.timeout() shouldBe Duration.ofSeconds(1)
      config.connectTimeout() shouldBe Duration.ofSeconds(2)
      config.idleProbe() shouldBe Duration.ofSeconds(3)
      config.retry().maxAttempts() shouldBe 4
      config.retry().maxBackoff() shouldBe Duration.ofSeconds(6)
      listOf(config.connections(), config.maxConcurrentCalls(), config.maxMessageBytes(), config.prefetch()) shouldBe listOf(8, 9, 10, 11)
      config.compression() shouldBe true
      config.instrumentation().shouldBeInstanceOf<OpenTelemetryInstrumentation>()
      config.logLevel() shouldBe System.Logger.Level.DEBUG
      config.headers() shouldBe mapOf("h" to "v")
      config.options() shouldBe mapOf("o" to "v")
    }

    test("a client numbers its jobs as the block says") {
      fun producer(block: ConfigBuilder.() -> Unit) =
        ConfigBuilder(ClientConfig.builder("any")).apply(block).builder.build().newProducer().orElse(null)
      producer { configureIdempotency("p", 7) } shouldBe ProducerIdentity("p", 7)
      producer { configureIdempotency("p") }?.id shouldBe "p"
      producer { withoutIdempotency() } shouldBe null
    }

    test("a closed client says so") {
      runTest {
        val client = Memory().client
        client.use {}
        shouldThrow<ClientClosedException> { client.stream("orders", Text).publish("v") }
      }
    }

    test("goes to Java and back") {
      val client = Memory().client
      client.java.asKotlin().java shouldBeSameInstanceAs client.java
      client.stream("s", Text).java.name() shouldBe client.stream("s").name
    }

    test("a store keeps, expires, compares and watches") {
      runTest {
        val memory = Memory()
        val store = memory.client.keyValue("latest", Text)
        val changes = async { store.watch("a").take(3).toList() }
        runCurrent()
        store.put("a1", "v", ttl = 5.seconds)
        store.putIfAbsent("a1", "w") shouldBe null
        val entry = store.entry("a1").shouldNotBeNull()
        entry.expiresAt shouldBe memory.time.now().plusSeconds(5)
        store.replace("a1", "x", entry.revision)
        shouldThrow<ConflictException> { store.replace("a1", "y", entry.revision) }
        store.get("a1") shouldBe "x"
        store.exists("a1") shouldBe true
        store.put("b1", "v")
        store.keys() shouldContainExactly listOf("a1", "b1")
        store.keys("a") shouldContainExactly listOf("a1")
        store.keys("", after = "a1", limit = 5) shouldContainExactly listOf("b1")
        store.delete("a1")
        store.get("a1").shouldBeNull()
        store.entry("a1").shouldBeNull()
        runCurrent()
        changes.await().map { it.kind to it.value } shouldContainExactly
          listOf(Change.Kind.PUT to "v", Change.Kind.PUT to "x", Change.Kind.DELETED to null)
      }
    }

    test("a transaction is seen whole or not at all") {
      runTest {
        val client = Memory().client
        val stream = client.stream("orders", Text)
        val queue = client.queue("work", Text)
        client.inTransaction {
          it.publish(stream, "v") { key("k") }
          it.enqueue(queue, "j") { priority(1) }
          stream.read(0, 0, 10) shouldBe emptyList()
        }
        shouldThrow<IllegalStateException> {
          client.inTransaction {
            it.publish(stream, "dropped")
            error("broken")
          }
        }
        stream.read(0, 0, 10).map { it.value } shouldContainExactly listOf("v")
        queue.reserve()?.value shouldBe "j"
      }
    }

    test("schemas are registered, attached and asked") {
      runTest {
        val schemas = Memory().client.schemas
        val definition = """{"type":"object","required":["id"]}"""
        schemas.register("order", SchemaFormat.JSON, definition).version shouldBe 1
        schemas.latest("order").definition shouldBe definition
        schemas.version("order", 1).format shouldBe SchemaFormat.JSON
        schemas.versions("order").size shouldBe 1
        schemas.subjects().size shouldBe 1
        schemas.validate("order", "{}".encodeToByteArray()).valid() shouldBe false
        schemas.setCompatibility("order", Compatibility.NONE)
        schemas.compatibility("order") shouldBe Compatibility.NONE
        schemas.isCompatible("order", SchemaFormat.JSON, """{"type":"string"}""") shouldBe true
        schemas.setCompatibility(Compatibility.BACKWARD)
        schemas.compatibility() shouldBe Compatibility.BACKWARD
        schemas.byId(schemas.latest("order").id.orNull()!!).version shouldBe 1
        schemas.delete("order", 1)
        schemas.versions("order") shouldBe emptyList()
      }
    }

    test("resources are created, listed and deleted, and the backend is well") {
      runTest {
        val client = Memory().client
        val admin = client.admin
        admin.createStream("s", partitions = 3)
        admin.createQueue("q") { redelivery(redeliveryPolicy { maxAttempts(9) }) }
        admin.createKeyValue("kv")
        client.stream("s").partitions() shouldBe 3
        client.queue("q").redeliveryPolicy().maxAttempts shouldBe 9
        admin.updateQueue("q") { lease(5.minutes) }
        with(admin.queueConfig("q")) {
          lease shouldBe 5.minutes
          maxAttempts shouldBe 9
          retention.shouldBeNull()
          deadLetterRetention shouldBe 7.days
        }
        admin.list(ResourceKind.KEY_VALUE).map { it.name.name } shouldContainExactly listOf("kv")
        admin.delete(ResourceKind.STREAM, "s")
        admin.list(ResourceKind.STREAM) shouldBe emptyList()
        client.health.live() shouldBe true
        client.health.ready() shouldBe true
        client.health.report() shouldBe HealthReport(true, emptyMap())
        shouldThrow<UnsupportedFeatureException> { admin.statistics() }
        shouldThrow<UnsupportedFeatureException> { client.traces }
      }
    }

    test("a replay walks a range") {
      runTest {
        val stream = Memory().client.stream("orders", Text)
        repeat(4) { stream.publish("v$it") }
        val replay = stream.replays.create("_replay_audit", dev.tributary.stream.StartAt.offset(1), endOffset = 2)
        replay.state().status shouldBe ReplayStatus.CREATED
        stream.replays.list().map { it.id } shouldContainExactly listOf(replay.id)
        replay.start()
        replay.pause()
        replay.resume()
        replay.stop()
        replay.state().status shouldBe ReplayStatus.STOPPED
        replay.delete()
        stream.replays.list() shouldBe emptyList()
      }
    }
  })
