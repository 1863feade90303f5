package dev.tributary.kotlin

import dev.tributary.kotlin.opentelemetry.CurrentContext
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/** What is current on this thread, for the coroutine of the handler that it calls: the span of the message, where OpenTelemetry is there. */
internal fun threadContext(): CoroutineContext = if (OPEN_TELEMETRY) CurrentContext.ofThread() else EmptyCoroutineContext

private val OPEN_TELEMETRY = onClassPath("io.opentelemetry.context.Context")

/** Whether there is this class of an optional dependency. */
internal fun onClassPath(name: String): Boolean =
  try {
    Class.forName(name, false, Tributary::class.java.classLoader)
    true
  } catch (_: ClassNotFoundException) {
    false
  }
