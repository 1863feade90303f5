package dev.tributary.kotlin

import kotlinx.coroutines.future.await
import dev.tributary.Health as JavaHealth

/** The same health for coroutines. */
public fun JavaHealth.asKotlin(): Health = Health(this)

/** Whether the backend is well. Cancellation is described at [Tributary]. */
@JvmInline
public value class Health internal constructor(
  /** The Java health. */
  public val java: JavaHealth,
) {
  /** Whether it answers; false also when it cannot be reached within the deadline. */
  public suspend fun live(): Boolean = java.live().await()

  /** Whether it takes work; false also when it cannot be reached within the deadline. */
  public suspend fun ready(): Boolean = java.ready().await()
}
