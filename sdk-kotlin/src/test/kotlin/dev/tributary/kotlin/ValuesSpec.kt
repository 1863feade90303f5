package dev.tributary.kotlin

import dev.tributary.RedeliveryPolicy
import dev.tributary.TransactionOptions
import dev.tributary.admin.QueueConfig
import dev.tributary.admin.QueueUpdate
import dev.tributary.admin.ResourceKind
import dev.tributary.admin.Retention
import dev.tributary.admin.StreamConfig
import dev.tributary.error.InvalidRequestException
import dev.tributary.kv.Change
import dev.tributary.kv.PutOptions
import dev.tributary.queue.NewJob
import dev.tributary.queue.ProducerSequence
import dev.tributary.queue.ReserveOptions
import dev.tributary.stream.Event
import dev.tributary.stream.EventKey
import dev.tributary.stream.Position
import dev.tributary.stream.PublisherOptions
import dev.tributary.replay.ReplayOptions
import dev.tributary.stream.StartAt
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.Optional
import java.util.OptionalInt
import java.util.OptionalLong
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import dev.tributary.Admin as JavaAdmin
import dev.tributary.EventStream as JavaEventStream
import dev.tributary.JobQueue as JavaJobQueue
import dev.tributary.KeyValueStore as JavaKeyValueStore
import dev.tributary.Schemas as JavaSchemas
import dev.tributary.Transaction as JavaTransaction
import dev.tributary.Tributary as JavaTributary
import dev.tributary.stream.EventPublisher as JavaEventPublisher
import dev.tributary.replay.Replay as JavaReplay
import dev.tributary.replay.Replays as JavaReplays

/** What Kotlin callers say reaches Java, and what Java answers reaches them. */
@OptIn(ExperimentalCoroutinesApi::class)
class ValuesSpec :
  FunSpec({
    test("events are built by a block") {
      val event = event("v") {
        key("k")
        header("a", "1")
        headers(mapOf("b" to "2"))
        partition(3)
        delay(1500.milliseconds)
        ttl(2.hours)
        priority(5)
        deduplicationId("d")
        schema("s")
      }
      event.value() shouldBe "v"
      event.key() shouldBe EventKey.of("k")
      event.headers() shouldBe mapOf("a" to "1", "b" to "2")
      event.partition().orNull() shouldBe 3
      event.delay() shouldBe Duration.ofMillis(1500)
      event.ttl() shouldBe Duration.ofHours(2)
      event.priority() shouldBe 5
      event.deduplicationId() shouldBe "d"
      event.schema() shouldBe "s"
      shouldThrow<InvalidRequestException> { event("v") { ttl((-1).seconds) } }
      val bytes = event("v") { key(byteArrayOf(-1)) }
      bytes.key() shouldBe EventKey.of(byteArrayOf(-1))
      event("w") { key(bytes.key()) }.key() shouldBe bytes.key()
    }

    test("jobs are built by a block") {
      val job = newJob("v") {
        header("a", "1")
        headers(mapOf("b" to "2"))
        notBefore(Instant.fromEpochSeconds(0))
        delay(5.seconds)
        priority(9)
        deduplicationId("d")
        partitionKey("p")
        ttl(1.minutes)
        maxAttempts(4)
      }
      job.headers() shouldBe mapOf("a" to "1", "b" to "2")
      job.delay() shouldBe Duration.ofSeconds(5)
      job.notBefore().shouldBeNull()
      job.priority() shouldBe 9
      job.deduplicationId() shouldBe "d"
      job.partitionKey() shouldBe "p"
      job.ttl() shouldBe Duration.ofMinutes(1)
      job.maxAttempts().orNull() shouldBe 4
    }

    test("a job has a deduplication id or its producer's number, whichever comes last") {
      val number = ProducerSequence("p", 1, 9)
      with(newJob("v") { deduplicationId("d").also { producerSequence(number) } }) {
        producerSequence() shouldBe number
        deduplicationId().shouldBeNull()
      }
      newJob("v") { producerSequence(number).also { deduplicationId("d") } }.producerSequence().shouldBeNull()
    }

    test("a queue is made and changed by blocks") {
      val asked = mutableListOf<Any?>()
      val admin = fake<JavaAdmin> { _, arguments -> nothing.also { asked += arguments.last() } }.asKotlin()
      runTest {
        admin.createQueue("q")
        admin.createQueue("q") {
          partitions(4)
          replicas(3)
          lease(1500.milliseconds)
          retention(2.hours)
          redelivery(redeliveryPolicy { maxAttempts(9) })
          maxAttempts(5)
          deadLetterRetention(24.hours)
          option("mode", "min")
        }
        admin.createQueue("q") { redelivery(redeliveryPolicy { maxAttempts(9) }) }
        asked shouldContainExactly
          listOf(
            QueueConfig.DEFAULT,
            QueueConfig.builder()
              .partitions(4)
              .replicas(3)
              .lease(Duration.ofMillis(1500))
              .retention(Duration.ofHours(2))
              .maxAttempts(5)
              .deadLetterRetention(Duration.ofDays(1))
              .option("mode", "min")
              .build(),
            QueueConfig.builder().redelivery(RedeliveryPolicy.maxAttempts(9)).build(),
          )

        asked.clear()
        admin.updateQueue("q") { maxAttempts(5) }
        admin.updateQueue("q") {
          lease(1.minutes)
          retention(2.hours)
          deadLetterRetention(24.hours)
          option("compression", "true")
        }
        with(asked.first() as QueueUpdate) {
          maxAttempts().orNull() shouldBe 5
          lease().shouldBeNull()
        }
        with(asked.last() as QueueUpdate) {
          lease() shouldBe Duration.ofMinutes(1)
          retention() shouldBe Duration.ofHours(2)
          deadLetterRetention() shouldBe Duration.ofDays(1)
          options() shouldBe mapOf("compression" to "true")
          maxAttempts().orNull().shouldBeNull()
        }
        shouldThrow<InvalidRequestException> { admin.updateQueue("q") { lease(kotlin.time.Duration.INFINITE) } }
        asked.size shouldBe 2
      }
    }

    test("optional numbers are nullable") {
      OptionalLong.empty().orNull().shouldBeNull()
      OptionalInt.empty().orNull().shouldBeNull()
      OptionalLong.of(1).orNull() shouldBe 1L
      OptionalInt.of(1).orNull() shouldBe 1
    }

    test("a redelivery policy says only what differs") {
      redeliveryPolicy() shouldBe RedeliveryPolicy.DEFAULT
      val other = redeliveryPolicy {
        maxAttempts(5)
        maxBackoff(2.minutes)
      }
      other shouldBe RedeliveryPolicy.builder().maxAttempts(5).maxBackoff(Duration.ofMinutes(2)).build()
      redeliveryPolicy { fixedBackoff(2.seconds) } shouldBe RedeliveryPolicy.fixedBackoff(Duration.ofSeconds(2))
    }

    test("a stream speaks nulls and durations") {
      val asked = mutableListOf<Any?>()
      val stream =
        fake<JavaEventStream<String>> { method, arguments ->
            asked.add(arguments)
            when (method) {
              "publish" -> done(Position(0, 1))
              "committed", "latestOffset" -> done(OptionalLong.empty())
              "publisher" -> fake<JavaEventPublisher<String>> { _, _ -> nothing }
              "replays" -> fake<JavaReplays> { _, given -> done(fake<JavaReplay> { _, _ -> "r1" }).also { asked.add(given) } }
              else -> error(method)
            }
          }
          .asKotlin()
      runTest {
        stream.publish("v") shouldBe Position(0, 1)
        stream.publish("v") { key("k") } shouldBe Position(0, 1)
        ((asked[1] as List<*>)[0] as Event<*>).key() shouldBe EventKey.of("k")
        stream.committed("g", 0).shouldBeNull()
        stream.latestOffset(0).shouldBeNull()
        asked.clear()
        stream.publisher()
        stream.publisher {
          linger(5.milliseconds)
          maxInFlightEvents(7)
        }
        stream.replays.create("_replay_x", StartAt.offset(1), endOffset = 9).id shouldBe "r1"
        asked shouldContainExactly
          listOf(
            listOf(PublisherOptions.DEFAULT),
            listOf(PublisherOptions.builder().linger(Duration.ofMillis(5)).maxInFlightEvents(7).build()),
            emptyList<Any?>(),
            listOf(ReplayOptions.range("_replay_x", 1, 9)),
          )
      }
    }

    test("a queue of some partitions is theirs") {
      val asked = mutableListOf<Any?>()
      val some = fake<JavaJobQueue<String>> { method, _ -> error(method) }
      val whole = fake<JavaJobQueue<String>> { _, arguments -> some.also { asked.add(arguments) } }
      whole.asKotlin().partitions(setOf(0, 2)).java shouldBe some
      asked shouldContainExactly listOf(listOf(setOf(0, 2)))
    }

    test("a queue speaks nulls and durations") {
      val asked = mutableListOf<List<Any?>>()
      val queue =
        fake<JavaJobQueue<String>> { _, arguments ->
            asked += arguments
            done(if (arguments.size == 1) Optional.empty<Any>() else emptyList<Any>())
          }
          .asKotlin()
      runTest {
        queue.reserve().shouldBeNull()
        queue.receive(5, lease = 1.minutes, maxWait = 2.seconds) shouldBe emptyList()
        asked shouldContainExactly
          listOf(
            listOf(ReserveOptions.DEFAULT),
            listOf(5, ReserveOptions.builder().lease(Duration.ofMinutes(1)).maxWait(Duration.ofSeconds(2)).build()),
          )
      }
    }

    test("a job speaks nulls and durations") {
      runTest {
        val fake = FakeJob("1")
        val job = fake.asKotlin()
        job.nack()
        job.nack(2.seconds)
        job.nack(reason = "why")
        job.nack(2.seconds, "why")
        job.reject("never")
        fake.settled shouldContainExactly listOf("nack", "nack PT2S", "nack null: why", "nack PT2S: why", "reject: never")
        job.sequence shouldBe 7
        job.maxAttempts shouldBe 3
        job.partition shouldBe 2
        job.producer shouldBe ProducerSequence("p", 1, 9)
        job.leaseEndsWithin(29.seconds) shouldBe false
        job.leaseEndsWithin(30.seconds) shouldBe true
        job.extend(5.seconds) shouldBe Instant.fromEpochSeconds(5)
      }
    }

    test("a store speaks nulls and durations") {
      val asked = mutableListOf<Any?>()
      val changes = FakePublisher<Change<String>>()
      val store =
        fake<JavaKeyValueStore<String>> { method, arguments ->
            asked += arguments.last()
            when (method) {
              "watch" -> changes
              "put" -> done(OptionalLong.empty())
              "putIfAbsent" -> done(OptionalLong.of(7))
              "replace" -> done(8L)
              "delete" -> nothing
              else -> done(Optional.empty<Any>())
            }
          }
          .asKotlin()
      runTest {
        store.put("k", "v").shouldBeNull()
        store.put("k", "v", ttl = 1.hours)
        store.putIfAbsent("k", "v", ttl = 1.seconds) shouldBe 7
        store.replace("k", "v", 7, ttl = 2.seconds) shouldBe 8
        store.delete("k")
        store.delete("k", 8)
        asked shouldContainExactly
          listOf(
            PutOptions.DEFAULT,
            PutOptions.ttl(Duration.ofHours(1)),
            PutOptions.ttl(Duration.ofSeconds(1)),
            PutOptions.ttl(Duration.ofSeconds(2)),
            "k",
            8L,
          )
        store.get("k").shouldBeNull()
        store.entry("k").shouldBeNull()
        val first = async { store.watch("k").first() }
        runCurrent()
        val change = Change(Change.Kind.PUT, "k", "v", 1)
        changes.subscriber.onNext(change)
        first.await() shouldBe change
        changes.cancelled shouldBe true
      }
    }

    test("administration, schemas and transactions speak nulls and durations") {
      val asked = mutableListOf<List<Any?>>()
      val admin = fake<JavaAdmin> { _, arguments -> nothing.also { asked += arguments } }.asKotlin()
      val schemas = fake<JavaSchemas> { _, arguments -> nothing.also { asked += arguments.drop(3) } }.asKotlin()
      val transaction = fake<JavaTransaction> { _, _ -> done(Optional.empty<Position>()) }
      val client = fake<JavaTributary> { _, arguments -> done(transaction).also { asked += arguments } }.asKotlin()
      val stream = fake<JavaEventStream<String>> { _, _ -> error("not here") }.asKotlin()
      runTest {
        admin.createStream("s")
        admin.createStream("s", partitions = 4, retention = 1.hours)
        schemas.attach(ResourceKind.STREAM, "s", "subject")
        schemas.attach(ResourceKind.STREAM, "s", "subject", 2)
        client.transaction("billing", timeout = 5.seconds).publish(stream, "v").shouldBeNull()
        asked shouldContainExactly
          listOf(
            listOf("s", StreamConfig.DEFAULT),
            listOf("s", StreamConfig.builder().partitions(4).retention(Retention.maxAge(Duration.ofHours(1))).build()),
            emptyList(),
            listOf(2),
            listOf(TransactionOptions.builder().producer("billing").timeout(Duration.ofSeconds(5)).build()),
          )
      }
    }
  })
