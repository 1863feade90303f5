package dev.tributary.kotlin.test

import dev.tributary.spi.TimeSource
import dev.tributary.testkit.VirtualTime
import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.yield

/** The time of a test's scheduler, which counts milliseconds. Its timers are background work of the test. */
@OptIn(ExperimentalCoroutinesApi::class)
internal class TestTime(private val test: TestScope) : TimeSource {
  private val scheduler = test.testScheduler
  // Also where the test's own is unconfined: a timer runs when its time has come, and not at once.
  private val dispatcher = StandardTestDispatcher(scheduler)

  override fun now(): Instant = VirtualTime.START.plusMillis(scheduler.currentTime)

  override fun nanos(): Long = scheduler.currentTime * NANOS_OF_MILLI

  override fun schedule(delay: Duration, task: Runnable): TimeSource.Timer {
    // Undispatched, so that it waits from now on.
    val timer =
      test.backgroundScope.launch(dispatcher, CoroutineStart.UNDISPATCHED) {
        val millis = delay.roundedUp()
        if (millis > 0) delay(millis) else yield()
        task.run()
      }
    return TimeSource.Timer { timer.cancel() }
  }

  private fun Duration.roundedUp(): Long =
    try {
      plusNanos(NANOS_OF_MILLI - 1).toMillis()
    } catch (_: ArithmeticException) {
      Long.MAX_VALUE
    }

  private companion object {
    const val NANOS_OF_MILLI = 1_000_000L
  }
}
