package dev.tributary.kotlin.serialization

import dev.tributary.codec.Codec
import dev.tributary.codec.Codecs
import dev.tributary.error.InvalidRequestException
import kotlin.reflect.KType
import kotlin.reflect.typeOf
import kotlinx.serialization.BinaryFormat
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerialFormat
import kotlinx.serialization.StringFormat
import kotlinx.serialization.json.Json
import kotlinx.serialization.serializerOrNull

/**
 * Values of a type that is `@Serializable`, written by kotlinx.serialization: `queue("mails", serializationCodec<Order>())`.
 *
 * @param format any format of text, as UTF-8, or of bytes; by default JSON that skips what the type does not know, so that whoever
 *   publishes may add some
 * @throws InvalidRequestException if the type has no serializer
 */
public inline fun <reified T : Any> serializationCodec(format: SerialFormat = Lenient): Codec<T> =
  serializationCodec(serializerOf(typeOf<T>()), format)

/** Values that this serializer knows, in this format: see the other [serializationCodec]. */
public fun <T : Any> serializationCodec(serializer: KSerializer<T>, format: SerialFormat = Lenient): Codec<T> =
  when (format) {
    is StringFormat ->
      Codecs.of(
        { format.encodeToString(serializer, it).encodeToByteArray() },
        { format.decodeFromString(serializer, it.decodeToString(throwOnInvalidSequence = true)) },
      )
    is BinaryFormat -> Codecs.of({ format.encodeToByteArray(serializer, it) }, { format.decodeFromByteArray(serializer, it) })
    else ->
      throw InvalidRequestException.of("${format.javaClass.name} is a format neither of text nor of bytes", "Give a StringFormat or a BinaryFormat")
  }

@PublishedApi
internal val Lenient: Json = Json { ignoreUnknownKeys = true }

@PublishedApi
internal fun <T : Any> serializerOf(type: KType): KSerializer<T> {
  @Suppress("UNCHECKED_CAST")
  return serializerOrNull(type) as KSerializer<T>?
    ?: throw InvalidRequestException.of(
      "$type has no serializer",
      "Annotate it with @Serializable and apply the serialization plugin of the compiler",
    )
}
