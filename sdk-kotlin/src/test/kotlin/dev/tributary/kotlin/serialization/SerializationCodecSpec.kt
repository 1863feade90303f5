package dev.tributary.kotlin.serialization

import dev.tributary.error.InvalidRequestException
import dev.tributary.kotlin.hint
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.BinaryFormat
import kotlinx.serialization.DeserializationStrategy
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerialFormat
import kotlinx.serialization.SerializationException
import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.descriptors.buildClassSerialDescriptor
import kotlinx.serialization.descriptors.element
import kotlinx.serialization.encoding.CompositeDecoder
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.encoding.decodeStructure
import kotlinx.serialization.encoding.encodeStructure
import kotlinx.serialization.json.Json
import kotlinx.serialization.modules.EmptySerializersModule

private data class Mail(val to: String)

/** What the plugin of the compiler makes of a class that is annotated. */
private object MailSerializer : KSerializer<Mail> {
  override val descriptor = buildClassSerialDescriptor("Mail") { element<String>("to") }

  override fun serialize(encoder: Encoder, value: Mail) =
    encoder.encodeStructure(descriptor) { encodeStringElement(descriptor, 0, value.to) }

  override fun deserialize(decoder: Decoder): Mail =
    decoder.decodeStructure(descriptor) {
      var to = ""
      while (decodeElementIndex(descriptor) != CompositeDecoder.DECODE_DONE) to = decodeStringElement(descriptor, 0)
      Mail(to)
    }
}

/** JSON, backwards, for a format of bytes. */
private object Backwards : BinaryFormat {
  override val serializersModule = EmptySerializersModule()

  override fun <T> encodeToByteArray(serializer: SerializationStrategy<T>, value: T) =
    Json.encodeToString(serializer, value).encodeToByteArray().reversedArray()

  override fun <T> decodeFromByteArray(deserializer: DeserializationStrategy<T>, bytes: ByteArray): T =
    Json.decodeFromString(deserializer, bytes.reversedArray().decodeToString())
}

class SerializationCodecSpec :
  FunSpec({
    test("values are JSON, and what the type does not know is skipped") {
      val codec = serializationCodec(MailSerializer)
      codec.encode(Mail("you")).decodeToString() shouldBe """{"to":"you"}"""
      codec.decode("""{"to":"you","new":[1]}""".encodeToByteArray()) shouldBe Mail("you")
    }

    test("the type finds its serializer, generic types too") {
      val codec = serializationCodec<Map<String, List<Int>>>()
      codec.encode(mapOf("a" to listOf(1, 2))).decodeToString() shouldBe """{"a":[1,2]}"""
      codec.decode("""{"b":[3]}""".encodeToByteArray()) shouldBe mapOf("b" to listOf(3))
    }

    test("a type without a serializer is refused when the codec is made") {
      val refused = shouldThrow<InvalidRequestException> { serializationCodec<Mail>() }
      refused.message shouldContain "Mail has no serializer"
      refused.hint shouldContain "@Serializable"
    }

    test("the format may be another, of text or of bytes, and of nothing else") {
      shouldThrow<SerializationException> { serializationCodec(MailSerializer, Json).decode("""{"to":"you","new":1}""".encodeToByteArray()) }
      val codec = serializationCodec<Int>(Backwards)
      codec.encode(12).decodeToString() shouldBe "21"
      codec.decode("34".encodeToByteArray()) shouldBe 43
      val neither = object : SerialFormat {
        override val serializersModule = EmptySerializersModule()
      }
      shouldThrow<InvalidRequestException> { serializationCodec(Int.serializer(), neither) }
    }

    test("malformed text is an error, and no question mark") {
      shouldThrow<CharacterCodingException> { serializationCodec<String>().decode(byteArrayOf('"'.code.toByte(), -1, '"'.code.toByte())) }
    }
  })
