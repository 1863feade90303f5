package dev.tributary.kotlin

import io.kotest.core.spec.style.FunSpec

/** The stories that FlowMesh's users know, on an engine without a wire. */
class MemoryStoriesSpec : FunSpec({ include(flowMeshStories { "memory:" }) })
