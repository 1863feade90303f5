package dev.tributary.kotlin

import com.fasterxml.jackson.annotation.JsonCreator
import com.fasterxml.jackson.annotation.JsonProperty
import dev.tributary.codec.Codec
import dev.tributary.codec.Codecs
import dev.tributary.error.InvalidRequestException
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.Callable
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.test.runTest

internal data class Order(val id: String, val items: Int = 1)

class CodecsSpec :
  FunSpec({
    test("a type names its codec: bytes and text as they are, everything else as JSON") {
      codec<ByteArray>() shouldBeSameInstanceAs Codecs.bytes()
      codec<String>() shouldBeSameInstanceAs Codecs.text()
      codec<Order>().encode(Order("a", 2)).decodeToString() shouldBe """{"id":"a","items":2}"""
      codec<Int>().decode("7".encodeToByteArray()) shouldBe 7
    }

    test("JSON knows defaults, skips what the type does not know, and keeps what generic types are made of") {
      jsonCodec<Order>().decode("""{"id":"a","new":true}""".encodeToByteArray()) shouldBe Order("a")
      val codec = jsonCodec<Map<String, List<Order>>>()
      val orders = mapOf("mine" to listOf(Order("a"), Order("b", 2)))
      codec.decode(codec.encode(orders)) shouldBe orders
    }

    test("streams, queues, stores and consumers are those of a type") {
      runTest {
        val client = Memory().client
        val order = Order("a", 2)
        client.stream<Order>("orders").publish(order)
        client.consumer<Order>(streams { streams("orders") }, "g").use { it.poll(1, 1.seconds).single().value() shouldBe order }
        client.queue<Order>("work").enqueue(order)
        client.queue("work").peek().single().value.decodeToString() shouldBe """{"id":"a","items":2}"""
        client.queue<Order>("work").reserve()?.value shouldBe order
        client.keyValue<Order>("latest").put("k", order)
        client.keyValue<Order>("latest").get("k") shouldBe order
        client.queue<String>("text").enqueue("as it is")
        client.queue("text", Text).reserve()?.value shouldBe "as it is"
      }
    }

    test("without Jackson's module for Kotlin, a codec of a class that needs it is refused when it is made") {
      val refused = Without("com.fasterxml.jackson.module.").run<NeedsTheModule>().lines()
      refused.size shouldBe 3
      refused.forEach { it shouldStartWith "Order is a Kotlin class" }
      refused.forEach { it shouldContain "Add com.fasterxml.jackson.module:jackson-module-kotlin" }
    }

    test("without Jackson's module for Kotlin, a codec of what needs none is made") {
      Without("com.fasterxml.jackson.module.").run<NeedsNoModule>().lines() shouldContainExactly listOf("7", "[a]", "b", "c", "V")
    }

    test("without Jackson, a codec of JSON is refused, with what to add, and others are not") {
      val said = Without("com.fasterxml.jackson.").run<NeedsJackson>()
      said shouldContain "JSON needs Jackson"
      said shouldContain "Add com.fasterxml.jackson.core:jackson-databind"
    }
  })

private fun refusal(make: () -> Codec<*>): String =
  try {
    make()
    "made"
  } catch (refused: InvalidRequestException) {
    "${refused.message}: ${refused.hint}"
  }

internal class NeedsTheModule : Callable<String> {
  override fun call() =
    listOf<() -> Codec<*>>({ codec<Order>() }, { jsonCodec<List<Order>>() }, { jsonCodec<Map<String, Array<Order>>>() })
      .joinToString("\n") { refusal(it) }
}

internal class NeedsNoModule : Callable<String> {
  class Bean {
    var name: String? = null
  }

  class SaysHow @JsonCreator constructor(@JsonProperty("name") val name: String)

  enum class Letter { V }

  override fun call(): String =
    listOf(
      codec<Int>().decode("7".encodeToByteArray()),
      jsonCodec<List<String>>().decode("""["a"]""".encodeToByteArray()),
      jsonCodec<Bean>().decode("""{"name":"b"}""".encodeToByteArray()).name,
      jsonCodec<SaysHow>().decode("""{"name":"c"}""".encodeToByteArray()).name,
      jsonCodec<Letter>().decode(""""V"""".encodeToByteArray()),
    ).joinToString("\n")
}

internal class NeedsJackson : Callable<String> {
  override fun call(): String {
    codec<String>()
    codec<ByteArray>()
    return refusal { codec<Order>() }
  }
}
