package dev.tributary.kotlin

import dev.tributary.config.ClientConfig
import io.kotest.core.spec.style.FunSpec

/** The stories that users of other clients know, on an engine without a wire. */
class MemoryStoriesSpec :
  FunSpec({
    timeout = 60_000
    include(flowMeshStories { "memory:?memory.private=true" })
    include(disheapStories { MemoryStage() })
    include(goQueueStories { MemoryStage() })
    include(flyMqStories { MemoryStage() })
  })

private class MemoryStage : Stage() {
  override fun connect(more: ConfigBuilder.() -> Unit): Tributary =
    Tributary.over(engine.connect(), ConfigBuilder(ClientConfig.builder("memory").time(time).callbackExecutor(ClientConfig.INLINE)).apply(more).builder.build())
}
