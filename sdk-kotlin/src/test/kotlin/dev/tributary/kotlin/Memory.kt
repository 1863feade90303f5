package dev.tributary.kotlin

import dev.tributary.codec.Codec
import dev.tributary.codec.Codecs
import dev.tributary.config.ClientConfig
import dev.tributary.engine.MemoryEngine
import dev.tributary.testkit.VirtualTime
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/** A client of an engine of its own. Everything happens on the test's thread, and time passes when the test says so. */
internal class Memory {
  val time = VirtualTime()
  private val engine = MemoryEngine.on(time)
  val client: Tributary = connect()

  fun connect(): Tributary =
    Tributary.over(engine.connect(), ClientConfig.builder("memory").time(time).callbackExecutor(ClientConfig.INLINE).build())

  fun pass(duration: Duration) {
    time.advance(duration.toJavaDuration())
  }
}

internal val Text: Codec<String> = Codecs.text()
