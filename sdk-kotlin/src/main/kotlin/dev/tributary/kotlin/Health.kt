package dev.tributary.kotlin

import dev.tributary.HealthReport
import kotlinx.coroutines.future.await
import dev.tributary.Health as JavaHealth

/** The same health for coroutines. */
public fun JavaHealth.asKotlin(): Health = Health(this)

/** Whether the backend is well. Cancellation is described at [Tributary]. */
public class Health internal constructor(
  /** The Java health. */
  public val java: JavaHealth,
) {
  /** Whether it answers; false also when it cannot be reached within the deadline. */
  public suspend fun live(): Boolean = java.live().await()

  /** Whether it takes work; false also when it cannot be reached within the deadline. */
  public suspend fun ready(): Boolean = java.ready().await()

  /**
   * Whether it takes work, and what its parts are like where it says so. When it cannot be reached within the deadline it is not
   * ready, and the check `connection` says why.
   */
  public suspend fun report(): HealthReport = java.report().await()
}
