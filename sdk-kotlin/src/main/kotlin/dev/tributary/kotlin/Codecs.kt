package dev.tributary.kotlin

import dev.tributary.codec.Codec
import dev.tributary.codec.Codecs
import dev.tributary.codec.json.JsonCodec
import dev.tributary.error.InvalidRequestException
import kotlin.reflect.KClass
import kotlin.reflect.KType
import kotlin.reflect.javaType
import kotlin.reflect.typeOf

/**
 * The codec that a type has if none is named, as in `queue<Order>("mails")`: `ByteArray` as it is, `String` as UTF-8, and every other type as
 * JSON; see [jsonCodec], which says what that needs.
 */
public inline fun <reified T : Any> codec(): Codec<T> = codecOf(typeOf<T>())

/**
 * Values of a type as JSON, by Jackson, generic types too: `jsonCodec<List<Order>>()`. How values are written, and a mapper of your own, are
 * matters of [JsonCodec].
 *
 * @throws InvalidRequestException if Jackson is not on the class path, or the type is a class that Jackson makes only with its module for Kotlin,
 *   which is not: when the codec is made, and not at the first message
 */
public inline fun <reified T : Any> jsonCodec(): Codec<T> = jsonCodecOf(typeOf<T>())

@PublishedApi
@Suppress("UNCHECKED_CAST")
internal fun <T : Any> codecOf(type: KType): Codec<T> =
  when (type.classifier) {
    ByteArray::class -> Codecs.bytes() as Codec<T>
    String::class -> Codecs.text() as Codec<T>
    else -> jsonCodecOf(type)
  }

@PublishedApi
@OptIn(ExperimentalStdlibApi::class)
internal fun <T : Any> jsonCodecOf(type: KType): Codec<T> {
  val codec = JsonCodec.of<T>(type.javaType)
  val stranger = type.strangerToJackson()
  if (stranger != null && !onClassPath("com.fasterxml.jackson.module.kotlin.KotlinModule")) {
    throw InvalidRequestException.of(
      "${stranger.simpleName} is a Kotlin class without a constructor that takes nothing, which Jackson cannot make from JSON",
      "Add com.fasterxml.jackson.module:jackson-module-kotlin",
    )
  }
  return codec
}

/** The class in this type that plain Jackson could write and not read; null if there is none. */
private fun KType.strangerToJackson(): Class<*>? =
  (classifier as? KClass<*>)?.java?.takeIf { it.isStrangeToJackson() } ?: arguments.firstNotNullOfOrNull { it.type?.strangerToJackson() }

private fun Class<*>.isStrangeToJackson(): Boolean =
  isAnnotationPresent(Metadata::class.java) &&
    !isEnum &&
    declaredConstructors.isNotEmpty() &&
    declaredConstructors.none { it.parameterCount == 0 } &&
    (annotations.asSequence() + declaredConstructors.asSequence().flatMap { it.annotations.asSequence() })
      .none { it.annotationClass.java.name in SAYS_HOW }

private val SAYS_HOW = setOf("com.fasterxml.jackson.annotation.JsonCreator", "com.fasterxml.jackson.databind.annotation.JsonDeserialize")
