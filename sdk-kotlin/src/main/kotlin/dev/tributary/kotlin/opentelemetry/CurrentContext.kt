package dev.tributary.kotlin.opentelemetry

import io.opentelemetry.context.Context
import io.opentelemetry.context.Scope
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlinx.coroutines.ThreadContextElement

/** The context of OpenTelemetry, which belongs to a thread, current on every thread on which the coroutine runs. */
internal class CurrentContext private constructor(private val current: Context) :
  AbstractCoroutineContextElement(Key), ThreadContextElement<Scope> {
  override fun updateThreadContext(context: CoroutineContext): Scope = current.makeCurrent()

  override fun restoreThreadContext(context: CoroutineContext, oldState: Scope): Unit = oldState.close()

  companion object {
    /** The calling thread's; nothing if it has none, so that the caller's own element stays in force. */
    fun ofThread(): CoroutineContext =
      Context.current().let { if (it === Context.root()) EmptyCoroutineContext else CurrentContext(it) }
  }

  private object Key : CoroutineContext.Key<CurrentContext>
}
