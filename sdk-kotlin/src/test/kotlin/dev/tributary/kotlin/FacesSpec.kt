package dev.tributary.kotlin

import dev.tributary.BlockingHandler
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.vertx.core.Future
import io.vertx.core.streams.ReadStream
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import java.util.concurrent.CompletableFuture
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KVisibility
import kotlin.reflect.full.companionObject
import kotlin.reflect.full.declaredMembers
import kotlinx.coroutines.flow.Flow
import java.util.concurrent.Flow.Publisher

/** Each face covers every operation: what a Java handle can do, its Kotlin namesake can, under the same name. */
class FacesSpec :
  FunSpec({
    for ((java, kotlin) in FACES) {
      val operations = java.operations().groupBy { it.name }
      val members = kotlin.operations().groupBy { it.name }

      test("${java.simpleName} has every operation in Kotlin") {
        (operations.keys - members.keys - NOT_IN_KOTLIN.keys).shouldBeEmpty()
      }

      test("${java.simpleName} has nothing in Kotlin that is not in Java") {
        (members.keys - operations.keys - ONLY_IN_KOTLIN.getOrDefault(kotlin, emptyMap()).keys - VIEW).shouldBeEmpty()
      }

      test("${java.simpleName} suspends in Kotlin where Java has a future, and flows where Java publishes") {
        for ((name, methods) in operations) {
          for (member in members[name].orEmpty()) {
            withClue("${kotlin.simpleName}.$name") {
              when (methods.first().returnType) {
                CompletableFuture::class.java -> (member is KFunction<*> && member.isSuspend) shouldBe true
                Publisher::class.java -> member.returnType.classifier shouldBe Flow::class
                else -> if (name != "close") (member is KFunction<*> && member.isSuspend) shouldBe false
              }
            }
          }
        }
      }

      test("${java.simpleName} is a class in Kotlin like any other, which may come late, be a bean, or be mocked") { kotlin.isValue shouldBe false }
    }

    for ((java, vertx) in VERTX_FACES) {
      val operations = java.operations().groupBy { it.name }
      val methods = vertx.operations().groupBy { it.name }

      test("${java.simpleName} has every operation on Vert.x, and no other") {
        (operations.keys - methods.keys - NOT_ON_VERTX.keys).shouldBeEmpty()
        (methods.keys - operations.keys).shouldBeEmpty()
      }

      test("${java.simpleName} takes the same on Vert.x") {
        for ((name, overloads) in operations - NOT_ON_VERTX.keys - "connect" - "over" - "close") {
          withClue(name) { methods.getValue(name).map { it.parameterCount }.sorted() shouldBe overloads.map { it.parameterCount }.sorted() }
        }
      }

      test("${java.simpleName} has a future on Vert.x where Java has one, and a read stream where Java publishes") {
        for ((name, overloads) in operations - NOT_ON_VERTX.keys - "close") {
          withClue(name) {
            methods.getValue(name).forEach {
              (it.returnType == Future::class.java) shouldBe (overloads.first().returnType == CompletableFuture::class.java)
              ReadStream::class.java.isAssignableFrom(it.returnType) shouldBe (overloads.first().returnType == Publisher::class.java)
            }
          }
        }
      }
    }

    for ((java, kotlin) in BUILDERS) {
      test("${java.name.substringAfterLast('.')} has everything in Kotlin") {
        val there = kotlin.operations().map { it.name }.toSet()
        (java.operations().map { it.name }.toSet() - there - NOT_BUILT_IN_KOTLIN.keys).shouldBeEmpty()
      }
    }

    test("the tables say nothing that is not so") {
      val names = FACES.keys.flatMap { it.operations() }.map { it.name }.toSet()
      (NOT_IN_KOTLIN.keys - names).shouldBeEmpty()
      for ((kotlin, only) in ONLY_IN_KOTLIN) (only.keys - kotlin.operations().map { it.name }.toSet()).shouldBeEmpty()
    }
  })

private val FACES: Map<Class<*>, KClass<*>> =
  mapOf(
    dev.tributary.Tributary::class.java to Tributary::class,
    dev.tributary.EventStream::class.java to EventStream::class,
    dev.tributary.JobQueue::class.java to JobQueue::class,
    dev.tributary.KeyValueStore::class.java to KeyValueStore::class,
    dev.tributary.Transaction::class.java to Transaction::class,
    dev.tributary.Schemas::class.java to Schemas::class,
    dev.tributary.trace.Traces::class.java to Traces::class,
    dev.tributary.access.Access::class.java to Access::class,
    dev.tributary.access.Audit::class.java to Audit::class,
    dev.tributary.cluster.Cluster::class.java to Cluster::class,
    dev.tributary.Admin::class.java to Admin::class,
    dev.tributary.Health::class.java to Health::class,
    dev.tributary.stream.EventPublisher::class.java to EventPublisher::class,
    dev.tributary.stream.EventConsumer::class.java to EventConsumer::class,
    dev.tributary.stream.StreamsConsumer::class.java to StreamsConsumer::class,
    dev.tributary.replay.Replays::class.java to Replays::class,
    dev.tributary.replay.Replay::class.java to Replay::class,
    dev.tributary.queue.Job::class.java to LeasedJob::class,
    dev.tributary.queue.Worker::class.java to Worker::class,
    dev.tributary.queue.DeadLetters::class.java to DeadLetters::class,
    dev.tributary.stream.DelayedEvents::class.java to DelayedEvents::class,
  )

private val VERTX_FACES: Map<Class<*>, Class<*>> =
  FACES.keys.associateWith { Class.forName("dev.tributary.vertx.Vertx${it.simpleName}") }

private val BUILDERS: Map<Class<*>, KClass<*>> =
  mapOf(
    dev.tributary.stream.Event.Builder::class.java to EventBuilder::class,
    dev.tributary.queue.NewJob.Builder::class.java to NewJobBuilder::class,
    dev.tributary.stream.SubscribeOptions.Builder::class.java to SubscribeOptionsBuilder::class,
    dev.tributary.stream.ConsumerOptions.Builder::class.java to ConsumerOptionsBuilder::class,
    dev.tributary.stream.PublisherOptions.Builder::class.java to PublisherOptionsBuilder::class,
    dev.tributary.queue.JobsOptions.Builder::class.java to JobsOptionsBuilder::class,
    dev.tributary.queue.WorkerOptions.Builder::class.java to WorkerOptionsBuilder::class,
    dev.tributary.RedeliveryPolicy.Builder::class.java to RedeliveryPolicyBuilder::class,
    dev.tributary.admin.QueueConfig.Builder::class.java to QueueConfigBuilder::class,
    dev.tributary.admin.QueueUpdate.Builder::class.java to QueueUpdateBuilder::class,
    dev.tributary.stream.StreamSelection.Builder::class.java to StreamSelectionBuilder::class,
    dev.tributary.config.ClientConfig.Builder::class.java to ConfigBuilder::class,
  )

private val NOT_IN_KOTLIN =
  mapOf(
    "closeAsync" to "in Kotlin closing suspends, and is called close",
    "worker" to "in Kotlin it belongs to a scope, and is called processIn, beside process",
  )

private val NOT_BUILT_IN_KOTLIN =
  mapOf("build" to "the block does that", "executor" to "in Kotlin the dispatcher of the scope says where handlers run")

private val NOT_ON_VERTX = mapOf("closeAsync" to "on Vert.x closing is a future, and is called close")

private val USE = "use" to "closes at the end also when cancelled; Java has try"

private val ONLY_IN_KOTLIN: Map<KClass<*>, Map<String, String>> =
  mapOf(
    Tributary::class to mapOf(USE),
    EventPublisher::class to mapOf(USE, "send" to "returns when the event is accepted; in Java publish does, and refuses when full"),
    EventConsumer::class to mapOf(USE, "messages" to "polls for a collector"),
    StreamsConsumer::class to mapOf(USE, "messages" to "polls for a collector"),
    Worker::class to mapOf(USE),
    EventStream::class to mapOf("process" to "a consumer for as long as the call is not cancelled"),
    JobQueue::class to
      mapOf(
        "process" to "a worker for as long as the call is not cancelled",
        "processIn" to "a worker, which in Kotlin belongs to a scope",
      ),
  )

/** What every face and builder has. */
private val VIEW = setOf("java")

private fun Class<*>.operations(): List<Method> =
  methods.filter { it.declaringClass != Any::class.java && it.declaringClass != AutoCloseable::class.java && !it.isSynthetic }
    .filter { !Modifier.isStatic(it.modifiers) || it.declaringClass == this }
    // A handler that blocks is Java's alone: in Kotlin handlers suspend, and on Vert.x they must not block.
    .filter { BlockingHandler::class.java !in it.parameterTypes }

private fun KClass<*>.operations(): List<KCallable<*>> =
  (declaredMembers + companionObject?.declaredMembers.orEmpty()).filter { it.visibility == KVisibility.PUBLIC }
