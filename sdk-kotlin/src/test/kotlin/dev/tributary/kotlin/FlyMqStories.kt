package dev.tributary.kotlin

import dev.tributary.codec.Codecs
import dev.tributary.codec.EncryptionKey
import dev.tributary.error.NotFoundException
import dev.tributary.error.SchemaRejectedException
import dev.tributary.error.UndecodableException
import dev.tributary.filter.EventFilter
import dev.tributary.schema.SchemaFormat
import dev.tributary.stream.Position
import dev.tributary.stream.StartAt
import dev.tributary.stream.StreamMessage
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.funSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotBeBlank
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.chunked
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/**
 * What the examples of FlyMQ's Python client tell, told in Kotlin: the same story with the same outcome.
 *
 * @param begin a fresh stage for each story
 */
@OptIn(ExperimentalCoroutinesApi::class)
internal fun flyMqStories(begin: () -> Stage) = funSpec {
  fun story(name: String, tell: suspend Stage.(Tributary) -> Unit) {
    test("FlyMQ: $name") {
      begin().use { stage ->
        runBlocking {
          val client = stage.connect()
          stage.tell(client)
          stage.passing { client.close() }
        }
      }
    }
  }

  story("create a topic, publish, see where it is, and read it") { client ->
    client.admin.createStream("my-topic", partitions = 3)
    val topic = client.stream("my-topic", Text)
    val at = topic.publish("Hello, FlyMQ!")
    at.offset shouldBe 0
    topic.read(at.partition, at.offset, 1).map { it.value } shouldContainExactly listOf("Hello, FlyMQ!")
  }

  story("messages of one key stay together") { client ->
    client.admin.createStream("orders", partitions = 3)
    val orders = client.stream("orders", Text)
    val first = orders.publish("""{"id": 1}""") { key("user-123") }
    val second = orders.publish("""{"id": 2}""") { key("user-123") }
    second.partition shouldBe first.partition
    orders.publish("""{"id": 3}""") { key("user-456") }
    orders.read(first.partition, 0, 2).map { it.key?.text() to it.value } shouldContainExactly
      listOf("user-123" to """{"id": 1}""", "user-123" to """{"id": 2}""")
  }

  story("a publisher takes ten thousand") { client ->
    val events = client.filled("events", 0)
    val stored = AtomicInteger()
    passing {
      val gathering = events.publisher {
        maxBatchEvents(100)
        linger(10.milliseconds)
      }
      gathering.use { publisher ->
        val places = List(10_000) { number -> publisher.send("event-$number") { key("user-123") } }
        places.forEach { place -> place.invokeOnCompletion { failure -> if (failure == null) stored.incrementAndGet() } }
        publisher.flush()
        places.awaitAll().last() shouldBe Position(0, 9_999)
      }
    }
    stored.get() shouldBe 10_000
  }

  story("a consumer commits by itself") { client ->
    val topic = client.filled("my-topic", 10)
    val seen = mutableListOf<String>()
    coroutineScope {
      val consumer = topic.consumer("my-group") { autoCommit(5.seconds) }
      launch { consumer.forEach { seen += it.value } }
      passUntil { topic.committed("my-group", 0) == 10L }
      passing { consumer.close() }
    }
    seen shouldContainExactly List(10) { "event-$it" }
  }

  story("a consumer polls, and commits when it is told") { client ->
    val topic = client.filled("my-topic", 10)
    passing {
      topic.consumer("my-group") { manualCommit() }.use { consumer ->
        val polled = consumer.poll(4, 1.seconds)
        polled.shouldNotBeEmpty()
        (topic.committed("my-group", 0) ?: 0) shouldBe 0
        consumer.commit()
        topic.committed("my-group", 0) shouldBe polled.size.toLong()
      }
    }
  }

  story("one consumer polls two topics and commits in both") { client ->
    val topics = listOf(client.filled("topic1", 3), client.filled("topic2", 2))
    passing {
      client.consumer(streams { streams("topic1", "topic2") }, Text, "my-group") { manualCommit() }.use { consumer ->
        val polled = mutableListOf<StreamMessage<String>>()
        while (polled.size < 5) polled += consumer.poll(100, 1.seconds)
        polled.map { "${it.stream.name()} ${it.value()}" } shouldContainExactlyInAnyOrder
          listOf("topic1 event-0", "topic1 event-1", "topic1 event-2", "topic2 event-0", "topic2 event-1")
        consumer.commit()
      }
    }
    topics.map { it.groupState("my-group").lag() } shouldContainExactly listOf(0L, 0L)
  }

  story("a handler processes two topics until it is stopped") { client ->
    val one = client.filled("topic1", 3)
    val two = client.filled("topic2", 2)
    val processed = ConcurrentLinkedQueue<String>()
    coroutineScope {
      val group = client.consumer(streams { streams("topic1", "topic2") }, Text, "my-group")
      val handling = launch { group.forEach { processed += "${it.stream.name()} ${it.value()}" } }
      passUntil { processed.size == 5 }
      two.publish("live")
      passUntil { "topic2 live" in processed }
      passing { group.close() }
      handling.join()
    }
    one.committed("my-group", 0) shouldBe 3
    two.committed("my-group", 0) shouldBe 3
    one.publish("after the end")
    passSlowly(2.seconds)
    processed shouldHaveSize 6
  }

  story("a consumer seeks") { client ->
    val topic = client.filled("my-topic", 200)
    passing {
      topic.consumer("my-group") { manualCommit() }.use { consumer ->
        consumer.seek(Position(0, 100))
        consumer.poll(1, 5.seconds).map { it.offset } shouldContainExactly listOf(100L)
        consumer.position(0) shouldBe 101
        consumer.seekToBeginning()
        consumer.poll(1, 5.seconds).map { it.offset } shouldContainExactly listOf(0L)
        consumer.seekToEnd()
        topic.publish("new")
        consumer.poll(10, 5.seconds).map { it.value } shouldContainExactly listOf("new")
      }
    }
  }

  story("a group resumes, and is described, set back and deleted") { client ->
    val topic = client.filled("my-topic", 10)
    topic.commit("my-group", Position(0, 4))
    with(topic.groupState("my-group")) {
      lag() shouldBe 6
      partitions.single().committed.orNull() shouldBe 4
    }
    passing {
      topic.consumer("my-group") { manualCommit() }.use { it.poll(1, 5.seconds).map { message -> message.offset } } shouldContainExactly listOf(4L)
    }
    topic.commit("my-group", Position(0, 0))
    topic.groupState("my-group").lag() shouldBe 10
    topic.groups() shouldContainExactly listOf("my-group")
    topic.deleteGroup("my-group")
    topic.groups().shouldBeEmpty()
  }

  story("a transaction stores all or nothing") { client ->
    val one = client.filled("topic1", 0)
    val two = client.filled("topic2", 0)
    client.inTransaction { transaction ->
      transaction.publish(one, "Message 1")
      transaction.publish(two, "Message 2")
    }
    shouldThrow<IllegalStateException> {
      client.inTransaction { transaction ->
        transaction.publish(one, "lost")
        error("no")
      }
    }
    with(client.transaction()) {
      publish(one, "kept")
      commit()
    }
    with(client.transaction()) {
      publish(one, "lost too")
      abort()
    }
    one.read(0, 0, 10).map { it.value } shouldContainExactly listOf("Message 1", "kept")
    two.read(0, 0, 10).map { it.value } shouldContainExactly listOf("Message 2")
  }

  story("only what matches its schema is published") { client ->
    val users = client.filled("users", 0)
    val user = """{"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name"]}"""
    client.schemas.register("user-schema", SchemaFormat.JSON, user).version shouldBe 1
    val alice = """{"name": "Alice", "age": 30}"""
    users.publish(alice) { schema("user-schema") } shouldBe Position(0, 0)
    val refused = shouldThrow<SchemaRejectedException> { users.publish("""{"age": "old"}""") { schema("user-schema") } }
    refused.errors().shouldNotBeEmpty()
    shouldThrow<NotFoundException> { users.publish(alice) { schema("no-schema") } }
    users.read(0, 0, 10).map { it.value } shouldContainExactly listOf(alice)
  }

  story("messages come late, or only for a while") { client ->
    val topic = client.filled("my-topic", 0)
    topic.publish("Delayed message") { delay(5.seconds) }
    topic.read(0, 0, 10).shouldBeEmpty()
    pass(5.seconds)
    passUntil { topic.read(0, 0, 10).size == 1 }
    topic.publish("Expiring message") { ttl(60.seconds) }
    topic.read(0, 0, 10).map { it.value } shouldContainExactly listOf("Delayed message", "Expiring message")
    pass(61.seconds)
    topic.read(0, 0, 10).map { it.value } shouldContainExactly listOf("Delayed message")
  }

  story("values are encrypted, in bytes that others read") { client ->
    client.admin.createStream("secrets")
    val key = EncryptionKey.parse(EncryptionKey.generate().hex())
    val secrets = client.stream("secrets", Codecs.encrypted(Text, key))
    secrets.publish("Hello, FlyMQ!")
    secrets.read(0, 0, 1).single().value shouldBe "Hello, FlyMQ!"

    val sealed = client.stream("secrets").read(0, 0, 1).single().value
    val cipher = Cipher.getInstance("AES/GCM/NoPadding")
    cipher.init(Cipher.DECRYPT_MODE, SecretKeySpec(key.hex().hexToByteArray(), "AES"), GCMParameterSpec(128, sealed, 0, 12))
    cipher.doFinal(sealed, 12, sealed.size - 12).decodeToString() shouldBe "Hello, FlyMQ!"

    val stranger = client.stream("secrets", Codecs.encrypted(Text, EncryptionKey.generate()))
    val unread = stranger.read(0, 0, 1).single()
    shouldThrow<UndecodableException> { unread.value }.message shouldContain "another key"
  }

  story("important messages come in tens") { client ->
    val topic = client.filled("my-topic", 0)
    val events = (0..<40).asFlow().map { event(if (it % 2 == 0) "important $it" else "other $it") }
    passing { topic.publishFrom(events).toList() }.map { it.offset } shouldContainExactly List(40) { it.toLong() }

    val tens =
      topic.subscribe(StartAt.earliest())
        .map { it.value }
        .filter { it.startsWith("important") }
        .chunked(10)
    passing { tens.take(2).toList() } shouldContainExactly (0..<40 step 2).map { "important $it" }.chunked(10)
  }

  story("the backend leaves out what is not asked for") { client ->
    val topic = client.filled("my-topic", 0)
    topic.publishAll(listOf(event("important 0"), event("other 1"), event("Important 2") { header("n", "2") }, event("other 3")))
    val important = EventFilter.containing("important")
    topic.read(0, 0, 10, important).messages.map { it.value } shouldContainExactly listOf("important 0", "Important 2")
    topic.publish("important 4")
    passing { topic.subscribe(StartAt.earliest()) { filter(important) }.take(3).toList() }.map { it.offset } shouldContainExactly listOf(0L, 2L, 4L)
  }

  story("a coroutine consumes what comes") { client ->
    val topic = client.filled("topic", 3)
    passing {
      topic.consumer("group").use { consumer ->
        consumer.messages().take(3).map { it.value }.toList() shouldContainExactly listOf("event-0", "event-1", "event-2")
      }
    }
  }

  story("an error says what, where and what to do") { client ->
    val error = shouldThrow<NotFoundException> { client.stream("nonexistent-topic", Text).read(0, 0, 1) }
    error.message shouldContain "nonexistent-topic"
    error.hint.shouldNotBeBlank()
  }
}

/** A stream of one partition with this many events. */
private suspend fun Tributary.filled(name: String, events: Int): EventStream<String> {
  admin.createStream(name)
  return stream(name, Text).also { stream -> stream.publishAll(List(events) { event("event-$it") }) }
}
