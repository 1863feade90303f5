package dev.tributary.kotlin

import dev.tributary.testkit.server.EmbeddedServer
import io.kotest.core.spec.style.FunSpec

/** The stories that FlowMesh's users know, over real gRPC. */
class FlowMeshSeedSpec :
  FunSpec({
    lateinit var server: EmbeddedServer
    beforeTest { server = EmbeddedServer.flowmesh().start() }
    afterTest { server.close() }
    include(flowMeshStories { server.uri() })
  })
