package dev.tributary.kotlin

import dev.tributary.stream.DelayedEvent
import dev.tributary.stream.Position
import kotlin.jvm.optionals.getOrNull
import kotlinx.coroutines.future.await
import dev.tributary.stream.DelayedEvents as JavaDelayedEvents

/** The same delayed events for coroutines. */
public fun JavaDelayedEvents.asKotlin(): DelayedEvents = DelayedEvents(this)

/** The events of a stream that wait for their time. Cancellation is described at [Tributary]. */
public class DelayedEvents internal constructor(
  /** The Java delayed events. */
  public val java: JavaDelayedEvents,
) {
  /** Up to [max] of them, 100 by default, those that are due first. */
  public suspend fun list(max: Int = PAGE): List<DelayedEvent> = java.list(max).await()

  /** The one that was published there; null if none waits there: it was delivered or cancelled, or there never was one. */
  public suspend fun find(position: Position): DelayedEvent? = java.find(position).await().getOrNull()

  /** Drops the one that was published there; fails with `NotFoundException` if none waits there. */
  public suspend fun cancel(position: Position) {
    java.cancel(position).await()
  }
}
