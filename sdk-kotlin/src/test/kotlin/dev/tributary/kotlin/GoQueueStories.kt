package dev.tributary.kotlin

import dev.tributary.error.AlreadyExistsException
import dev.tributary.error.ConflictException
import dev.tributary.error.NotFoundException
import dev.tributary.error.SchemaRejectedException
import dev.tributary.queue.NackOutcome
import dev.tributary.schema.Compatibility
import dev.tributary.schema.SchemaFormat
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.funSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotBeBlank
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/**
 * What the examples of GoQueue's Python client tell, told in Kotlin: the same story with the same outcome.
 *
 * @param begin a fresh stage for each story
 */
internal fun goQueueStories(begin: () -> Stage) = funSpec {
  fun story(name: String, tell: suspend Stage.(Tributary) -> Unit) {
    test("GoQueue: $name") {
      begin().use { stage ->
        runBlocking {
          val client = stage.connect()
          stage.tell(client)
          stage.passing { client.close() }
        }
      }
    }
  }

  story("create a topic, publish and consume") { client ->
    client.admin.createStream("orders", partitions = 3)
    val orders = client.stream("orders", Text)
    val order = """{"orderId": "12345", "amount": 99.99}"""
    val at = orders.publish(order)
    orders.read(at.partition, 0, 100).map { it.value } shouldContainExactly listOf(order)
    orders.partitions() shouldBe 3
    shouldThrow<AlreadyExistsException> { client.admin.createStream("orders", partitions = 3) }
  }

  story("workers of a group share the work") { client ->
    client.admin.createStream("orders", partitions = 6)
    val orders = client.stream("orders", Text)
    val processed = ConcurrentLinkedQueue<String>()
    coroutineScope {
      val workers = List(3) { orders.consumer("order-processors") { autoCommit(200.milliseconds) } }.toMutableList()
      workers.forEach { worker -> launch { worker.forEach { processed += it.value } } }
      passUntil { workers.all { it.assignment.size == 2 } }
      val first = List(60) { "order-$it" }
      orders.publishAll(first.map { event(it) })
      passUntil { processed.containsAll(first) }
      // What is not committed when partitions move may be processed twice.
      passUntil { orders.groupState("order-processors").lag() == 0L }

      passing { workers.removeFirst().close() }
      passUntil { workers.all { it.assignment.size == 3 } }
      val late = List(3) { "late-$it" }
      orders.publishAll(late.map { event(it) })
      passUntil { processed.containsAll(late) }
      workers.forEach { passing { it.close() } }
    }
    orders.groupState("order-processors").lag() shouldBe 0
    processed shouldHaveSize 63
    processed.toList().shouldBeUnique()
  }

  story("messages of one key stay together") { client ->
    client.admin.createStream("orders", partitions = 3)
    val orders = client.stream("orders", Text)
    val events = listOf("""{"event": "order_created"}""", """{"event": "payment_received"}""")
    val places = orders.publishAll(events.map { event(it) { key("user-123") } })
    places[0].partition shouldBe places[1].partition
    orders.read(places[0].partition, 0, 10).map { it.value } shouldContainExactly events
  }

  story("the critical alert comes first") { client ->
    client.admin.createQueue("alerts")
    val alerts = client.queue("alerts", Text)
    alerts.enqueueAll(listOf(newJob("Normal alert"), newJob("Critical alert!") { priority(2) }))
    val taken = alerts.receive(2)
    taken.map { it.value } shouldContainExactly listOf("Critical alert!", "Normal alert")
    taken.forEach { it.ack() }
  }

  story("reminders come when they are due") { client ->
    client.admin.createStream("reminders")
    val reminders = client.stream("reminders", Text)
    val soon = reminders.publish("Follow up in 1 hour") { delay(1.hours) }
    val late = reminders.publish("Daily report") { delay(24.hours) }
    reminders.delayed.list(100).map { it.position } shouldContainExactly listOf(soon, late)
    reminders.read(0, 0, 10).shouldBeEmpty()
    pass(1.hours)
    reminders.read(0, 0, 10).map { it.value } shouldContainExactly listOf("Follow up in 1 hour")
    reminders.delayed.cancel(late)
    pass(24.hours)
    reminders.read(0, 0, 10) shouldHaveSize 1
  }

  story("a job is acked, nacked or rejected") { client ->
    client.admin.createQueue("work")
    val work = client.queue("work", Text)
    work.enqueue("good")
    work.reserve().shouldNotBeNull().ack()

    work.enqueue("again")
    work.reserve().shouldNotBeNull().nack(30.seconds) shouldBe NackOutcome.REQUEUED
    work.reserve().shouldBeNull()
    passSlowly(31.seconds)
    with(work.reserve().shouldNotBeNull()) {
      attempt shouldBe 2
      ack()
    }

    work.enqueue("never")
    work.reserve().shouldNotBeNull().reject("no such customer")
    work.reserve().shouldBeNull()
    val dead = work.deadLetters.list(10).single()
    dead.value shouldBe "never"
    dead.reason shouldContain "no such customer"
    work.deadLetters.replay(dead.id)
    work.reserve().shouldNotBeNull().value shouldBe "never"
    work.deadLetters.list(10).shouldBeEmpty()
  }

  story("a long job keeps its lease") { client ->
    client.admin.createQueue("work")
    val work = client.queue("work", Text)
    work.enqueue("long")
    val done = CompletableDeferred<Unit>()
    val attempts = ConcurrentLinkedQueue<Int>()
    coroutineScope {
      val worker =
        work.processIn(this, concurrency = 2) { job ->
          attempts += job.attempt
          done.await()
        }
      passUntil { attempts.isNotEmpty() }
      passSlowly(50.seconds)
      done.complete(Unit)
      passUntil { worker.stats.acked() == 1L }
      passing { worker.close() }
    }
    attempts.toList() shouldContainExactly listOf(1)
    work.reserve().shouldBeNull()
  }

  story("funds move on both sides or on neither") { client ->
    client.admin.createStream("account-debits")
    client.admin.createStream("account-credits")
    val debits = client.stream("account-debits", Text)
    val credits = client.stream("account-credits", Text)
    val producer = "transfer-alice-bob"
    client.inTransaction(producer) { transfer ->
      transfer.publish(debits, """{"account": "alice", "amount": -10}""")
      transfer.publish(credits, """{"account": "bob", "amount": 10}""")
    }
    debits.read(0, 0, 10) shouldHaveSize 1
    credits.read(0, 0, 10) shouldHaveSize 1

    shouldThrow<IllegalStateException> {
      client.inTransaction(producer) { transfer ->
        transfer.publish(debits, "lost")
        error("no")
      }
    }
    debits.read(0, 0, 10) shouldHaveSize 1

    val replaced = client.transaction(producer)
    replaced.publish(debits, "of a process that was replaced")
    val successor = connect()
    successor.transaction(producer).commit()
    shouldThrow<ConflictException> { replaced.commit() }
    debits.read(0, 0, 10) shouldHaveSize 1
    passing { successor.close() }
  }

  story("schemas are registered and held compatible") { client ->
    val schemas = client.schemas
    val registered =
      schemas.register(
        "orders-value",
        SchemaFormat.JSON,
        """{"type": "object", "properties": {"orderId": {"type": "string"}, "amount": {"type": "number"},
          "items": {"type": "array", "items": {"type": "object"}}}, "required": ["orderId", "amount"]}""",
      )
    val latest = schemas.latest("orders-value")
    latest shouldBe registered
    schemas.byId(latest.id.orNull().shouldNotBeNull()).definition shouldBe registered.definition
    schemas.setCompatibility(Compatibility.BACKWARD)
    schemas.compatibility() shouldBe Compatibility.BACKWARD
    val stricter = """{"type": "object", "properties": {"orderId": {"type": "string"}}, "required": ["orderId", "amount", "vat"]}"""
    schemas.isCompatible("orders-value", SchemaFormat.JSON, stricter) shouldBe false
    shouldThrow<SchemaRejectedException> { schemas.register("orders-value", SchemaFormat.JSON, stricter) }
  }

  story("the backend is healthy") { client ->
    client.health.live() shouldBe true
    client.health.ready() shouldBe true
    client.health.report().ready shouldBe true
  }

  story("an error says what, where and what to do") { client ->
    val error = shouldThrow<NotFoundException> { client.stream("non-existent-topic", Text).publish("v") }
    error.message shouldContain "non-existent-topic"
    error.hint.shouldNotBeBlank()
  }
}

/** Lets time pass so slowly that a renewal arrives in time also on a busy machine. */
internal suspend fun Stage.passSlowly(duration: Duration) {
  repeat((duration / 50.milliseconds).toInt()) {
    pass(50.milliseconds)
    delay(2)
  }
}

/** What the call returns when enough time has passed for it. */
internal suspend fun <R> Stage.passing(call: suspend () -> R): R = coroutineScope {
  val result = async { call() }
  passUntil { result.isCompleted }
  result.await()
}
