package dev.tributary.kotlin.opentelemetry

import dev.tributary.config.ClientConfig
import dev.tributary.engine.MemoryEngine
import dev.tributary.kotlin.Memory
import dev.tributary.kotlin.Text
import dev.tributary.kotlin.Tributary
import dev.tributary.kotlin.Without
import dev.tributary.kotlin.threadContext
import dev.tributary.opentelemetry.OpenTelemetryInstrumentation
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.opentelemetry.api.trace.Span
import io.opentelemetry.api.trace.SpanContext
import io.opentelemetry.api.trace.SpanKind
import io.opentelemetry.context.Context
import io.opentelemetry.context.ContextKey
import io.opentelemetry.sdk.OpenTelemetrySdk
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter
import io.opentelemetry.sdk.trace.SdkTracerProvider
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor
import java.util.concurrent.Callable
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield

@OptIn(ExperimentalCoroutinesApi::class)
class CurrentContextSpec :
  FunSpec({
    val spans = InMemorySpanExporter.create()
    val telemetry =
      OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build())
        .build()

    fun traced(): Tributary {
      val config = ClientConfig.builder("memory").callbackExecutor(ClientConfig.INLINE).instrumentation(OpenTelemetryInstrumentation.of(telemetry))
      return Tributary.over(MemoryEngine.builder().build().connect(), config.build())
    }

    /** The spans that are current here, before and after this coroutine changed threads. */
    suspend fun current(): Set<SpanContext> {
      val first = Span.current().spanContext
      yield()
      return setOf(first, withContext(Dispatchers.IO) { Span.current().spanContext }, Span.current().spanContext)
    }

    fun processed() = spans.finishedSpanItems.filter { it.kind == SpanKind.CONSUMER }.map { it.spanId }

    test("the span of a job is current in the coroutine of its handler, wherever that runs") {
      traced().use { client ->
        val seen = CompletableDeferred<Set<SpanContext>>()
        val queue = client.queue("work", Text)
        coroutineScope {
          val working = launch(Dispatchers.Default) { queue.process { seen.complete(current()) } }
          queue.enqueue("v")
          val span = seen.await().single()
          span.isValid shouldBe true
          working.cancelAndJoin()
          processed() shouldContain span.spanId
        }
      }
    }

    test("the span of a message is current in the coroutine of its handler, wherever that runs") {
      traced().use { client ->
        val seen = CompletableDeferred<Set<SpanContext>>()
        val stream = client.stream("orders", Text)
        stream.publish("v")
        coroutineScope {
          val processing = launch(Dispatchers.Default) { stream.process("g") { seen.complete(current()) } }
          val span = seen.await().single()
          span.isValid shouldBe true
          processing.cancelAndJoin()
        }
      }
    }

    test("while a handler is suspended, its span is current for nobody else on its thread") {
      runTest {
        val client = traced()
        val gate = CompletableDeferred<Unit>()
        val inside = mutableListOf<Boolean>()
        val working = launch {
          client.queue("work", Text).process {
            inside += Span.current().spanContext.isValid
            gate.await()
            inside += Span.current().spanContext.isValid
          }
        }
        runCurrent()
        client.queue("work", Text).enqueue("v")
        runCurrent()
        inside shouldContainExactly listOf(true)
        Context.current() shouldBe Context.root()
        gate.complete(Unit)
        runCurrent()
        inside shouldContainExactly listOf(true, true)
        Context.current() shouldBe Context.root()
        working.cancelAndJoin()
        client.close()
      }
    }

    test("without a span the caller's own context stays") {
      val key = ContextKey.named<String>("mine")
      val own = Context.root().with(key, "own").makeCurrent().use { threadContext() }
      runTest {
        val queue = Memory().client.queue("work", Text)
        val seen = CompletableDeferred<String?>()
        val working = launch(own) { queue.process { seen.complete(Context.current().get(key)) } }
        runCurrent()
        queue.enqueue("v")
        seen.await() shouldBe "own"
        working.cancelAndJoin()
      }
    }

    test("handlers do without OpenTelemetry") { Without("io.opentelemetry.").run<ProcessesAJob>() shouldBe "processed v" }
  })

internal class ProcessesAJob : Callable<String> {
  override fun call(): String =
    runBlocking {
      val queue = Memory().client.queue("work", Text)
      val seen = CompletableDeferred<String>()
      val working = launch { queue.process { seen.complete("processed ${it.value}") } }
      queue.enqueue("v")
      seen.await().also { working.cancelAndJoin() }
    }
}
