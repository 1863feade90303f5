package dev.tributary.kotlin

import dev.tributary.config.Tls
import dev.tributary.error.ConnectionFailedException
import dev.tributary.error.TributaryException
import dev.tributary.error.UnsupportedFeatureException
import dev.tributary.stream.Position
import dev.tributary.testkit.fault.FaultProxy
import dev.tributary.testkit.server.EmbeddedServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import java.security.KeyStore
import java.util.Base64
import kotlin.io.path.writeText
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.toKotlinInstant
import kotlinx.coroutines.runBlocking

/** The stories that FlyMQ's users know, over a real socket. */
class FlyMqSeedSpec :
  FunSpec({
    timeout = 60_000
    include(flyMqStories { Topics() })

    val files = tempdir().toPath()

    fun story(name: String, tell: suspend Topics.(Tributary) -> Unit) {
      test(name) {
        Topics().use { topics ->
          runBlocking {
            val client = topics.connect()
            topics.tell(client)
            topics.passing { client.close() }
          }
        }
      }
    }

    story("one line connects") { client ->
      client.admin.createStream("my-topic")
      Tributary.connect(server.uri()).use { it.stream("my-topic", Text).publish("Hello, FlyMQ!") } shouldBe Position(0, 0)
    }

    story("keys go where FlyMQ puts them") { client ->
      client.admin.createStream("orders", partitions = 3)
      val orders = client.stream("orders", Text)
      val places = mapOf("a" to 1, "user-123" to 2, "user-456" to 2, "order-1" to 1, "clé" to 0)
      places.keys.associateWith { orders.publish("value") { key(it) }.partition } shouldBe places
      orders.publish("value") { key(byteArrayOf(0, -1)) }.partition shouldBe 1
    }

    story("the second server serves while the first is down") { client ->
      client.admin.createStream("my-topic")
      server().use { second ->
        FaultProxy.before(server.host(), server.port()).use { first ->
          val cluster = connect("flymq://${first.host()}:${first.port()},${second.host()}:${second.port()}")
          val topic = cluster.stream("my-topic", Text)
          passing { topic.publish("one") }
          first.refuse()
          first.cutNow()
          passing { topic.publish("two") }
          passing { topic.read(0, 0, 10) }.map { it.value } shouldContainExactly listOf("one", "two")
          passing { cluster.close() }
        }
      }
    }

    story("dead letters are listed, replayed and purged") { client ->
      client.admin.createStream("my-topic")
      client.admin.createStream("my-topic.dlq")
      val topic = client.stream("my-topic", Text)
      for (id in listOf("m1", "m2")) {
        client.stream("my-topic.dlq", Text).publish(
          """{"id": "$id", "original_topic": "my-topic", "original_offset": 0, "payload": "${base64("value of $id")}",
            "reason": "processing_error", "error_message": "boom", "retry_count": 3}""",
        )
      }
      val letters = topic.deadLetters.list(10)
      letters.map { it.reason to it.value } shouldContainExactly listOf("boom" to "value of m1", "boom" to "value of m2")
      topic.deadLetters.replay(letters.first().id)
      topic.read(0, 0, 10).map { it.value } shouldContainExactly listOf("value of m1")
      topic.deadLetters.purge()
      topic.deadLetters.list(10).shouldBeEmpty()
    }

    story("what is missing elsewhere is made here, and times are no places") {
      EmbeddedServer.of("flymq").time(time).start().use { usual ->
        val client = connect(usual.uri())
        val topic = client.stream("nonexistent-topic", Text)
        topic.publish("data") shouldBe Position(0, 0)
        passing {
          topic.consumer("my-group").use { shouldThrow<UnsupportedFeatureException> { it.seekToTimestamp(time.now().toKotlinInstant()) } }
          client.close()
        }
      }
    }

    story("a refused port is named, with what to look at") {
      val nobody = FaultProxy.before(server.host(), server.port()).also { it.close() }
      Tributary.connect("flymq://${nobody.host()}:${nobody.port()}") { retry(maxAttempts = 1) }.use { lonely ->
        shouldThrow<ConnectionFailedException> { lonely.stream("my-topic").read(0, 0, 1) }.hint shouldContain "server is up"
      }
    }

    story("a user tries again with backoff") { client ->
      client.admin.createStream("my-topic")
      FaultProxy.before(server.host(), server.port()).use { proxy ->
        proxy.refuse()
        val untiring = connect("flymq://${proxy.host()}:${proxy.port()}") { retry(maxAttempts = 1) }
        val topic = untiring.stream("my-topic", Text)
        var tries = 0
        val at =
          retried(times = 3, backoff = 100.milliseconds) {
            if (++tries == 3) proxy.heal()
            passing { topic.publish("important data") }
          }
        at shouldBe Position(0, 0)
        tries shouldBe 3
        passing { untiring.close() }
      }
    }

    test("the server is known by its authority, and both by their certificates; in tests nothing need be known") {
      val server = Identity.create(files, "server", "dns:localhost,ip:127.0.0.1")
      val caller = Identity.create(files, "caller", "dns:caller.example")
      suspend fun publishes(uri: String, tls: Tls) =
        Tributary.connect(uri) {
          tls(tls)
          retry(maxAttempts = 1)
        }.use { it.stream("my-topic", Text).publish("Hello, TLS!") }

      val trusting = Tls.trusting(server.certificate)
      EmbeddedServer.of("flymq").tls(server.certificate, server.key).start().use { running ->
        publishes(running.uri(), trusting) shouldBe Position(0, 0)
        shouldThrow<TributaryException> { publishes(running.uri(), Tls.PLATFORM) }.hint shouldContain "authority"
      }
      EmbeddedServer.of("flymq").tls(server.certificate, server.key).mutualTls(caller.certificate).start().use { mutual ->
        publishes(mutual.uri(), trusting.toBuilder().client(caller.certificate, caller.key).build()) shouldBe Position(0, 0)
        shouldThrow<TributaryException> { publishes(mutual.uri(), trusting) }.hint shouldContain "client's certificate"
      }
      EmbeddedServer.of("flymq").tls(caller.certificate, caller.key).start().use { unknown ->
        publishes(unknown.uri(), Tls.builder().trustAll().withoutHostCheck().build()) shouldBe Position(0, 0)
      }
    }
  })

/** What users write for themselves: again after twice the time, as long as that can help and cannot store anything twice. */
private suspend fun <R> Stage.retried(times: Int, backoff: Duration, call: suspend () -> R): R =
  try {
    call()
  } catch (failure: TributaryException) {
    if (times == 1 || !failure.retryable || failure.maybeApplied) throw failure
    pass(backoff)
    retried(times - 1, backoff * 2, call)
  }

private fun base64(text: String): String = Base64.getEncoder().encodeToString(text.encodeToByteArray())

private class Topics : Stage() {
  val server: EmbeddedServer = server()

  fun server(): EmbeddedServer = EmbeddedServer.of("flymq").transport(engine.connect()).time(time).createOnFirstUse(false).start()

  override fun connect(more: ConfigBuilder.() -> Unit): Tributary = connect(server.uri(), more)

  fun connect(uri: String, more: ConfigBuilder.() -> Unit = {}): Tributary =
    Tributary.connect(uri) {
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

/** PEM files of a key and of its certificate, which is signed by itself. */
private class Identity(val certificate: Path, val key: Path) {
  companion object {
    private const val PASSWORD = "changeit"

    /** Makes one with the JDK's own tool. */
    fun create(directory: Path, name: String, subjectAlternatives: String): Identity {
      val store = directory.resolve("$name.p12")
      val keytool =
        ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            *"-genkeypair -alias $name -dname CN=$name -keyalg EC -groupname secp256r1 -validity 2 -ext san=$subjectAlternatives".split(' ').toTypedArray(),
            *arrayOf("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD),
          )
          .redirectErrorStream(true)
          .start()
      val said = keytool.inputStream.readAllBytes().decodeToString()
      check(keytool.waitFor() == 0) { said }
      val keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray())
      return Identity(
        pem(directory.resolve("$name.crt"), "CERTIFICATE", keys.getCertificate(name).encoded),
        pem(directory.resolve("$name.key"), "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).encoded),
      )
    }

    private fun pem(file: Path, kind: String, content: ByteArray): Path {
      file.writeText("-----BEGIN $kind-----\n${Base64.getMimeEncoder(64, byteArrayOf('\n'.code.toByte())).encodeToString(content)}\n-----END $kind-----\n")
      return file
    }
  }
}
