package dev.tributary.kotlin

import dev.tributary.AsyncCloseable
import dev.tributary.error.InvalidRequestException
import java.util.OptionalInt
import java.util.OptionalLong
import kotlin.time.Duration
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration
import java.time.Duration as JavaDuration

/** The number, or null if there is none. */
internal fun OptionalLong.orNull(): Long? = if (isPresent) asLong else null

/** The number, or null if there is none. */
internal fun OptionalInt.orNull(): Int? = if (isPresent) asInt else null

/** The same for the Java handles, whose clocks know no infinity. */
internal fun Duration.finite(what: String): JavaDuration =
  if (isFinite()) {
    toJavaDuration()
  } else {
    throw InvalidRequestException.of("$what is infinite", "Give a finite duration")
  }

/** How long a close takes at most if nothing else is said. */
internal val CLOSE_TIMEOUT: Duration = AsyncCloseable.CLOSE_TIMEOUT.toKotlinDuration()
