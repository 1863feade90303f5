package dev.tributary.examples

import dev.tributary.examples.quickstart.Reading
import dev.tributary.examples.quickstart.quickstart
import dev.tributary.testkit.server.EmbeddedServer
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path

class QuickstartSpec :
  StringSpec({
    val readings = Reading.all(Path.of("data/earthquakes.jsonl"))

    "the main job loses nothing in memory" {
      quickstart("memory:", readings) shouldBe true
    }

    for (protocol in listOf("flowmesh", "goqueue", "flymq")) {
      "the main job loses nothing over $protocol" {
        EmbeddedServer.of(protocol).start().use { server -> quickstart(server.uri(), readings) shouldBe true }
      }
    }
  })
