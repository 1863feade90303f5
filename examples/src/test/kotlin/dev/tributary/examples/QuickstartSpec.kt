package dev.tributary.examples

import dev.tributary.examples.program.Program
import dev.tributary.examples.program.Target
import dev.tributary.examples.quickstart.Reading
import dev.tributary.examples.quickstart.quickstart
import dev.tributary.testkit.server.EmbeddedServer
import dev.tributary.testkit.server.NatsServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.StringSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration

class QuickstartSpec :
  StringSpec({
    val readings = Reading.all(Path.of("data/earthquakes.jsonl"))

    "the main job loses nothing in memory" {
      quickstart("memory:", readings) shouldBe true
    }

    "lines are counted, whatever ids they have" {
      val line = """{"id":"same","network":"us","magnitude":5.0}"""
      val file = Files.write(tempdir().toPath().resolve("lines"), List(12) { line } + "\uFEFFno JSON")
      quickstart("memory:", Reading.all(file)) shouldBe true
    }

    "a byte order mark is no part of the first line" {
      val file = tempdir().toPath().resolve("lines")
      Files.writeString(file, "\uFEFF{\"id\":\"first\",\"network\":\"us\",\"magnitude\":5.0}\r\n")
      Reading.all(file).single().id() shouldBe "first"
    }

    "who waits in vain is told for what" {
      shouldThrow<Program.Failure> { quickstart("memory:", readings, patience = Duration.ZERO) }
        .message shouldContain Regex("events consumed: [0-9,]+ of 1,679.*published [0-9,]+ of 1,679")
    }

    for (protocol in listOf("flowmesh", "goqueue", "flymq")) {
      "the main job loses nothing over $protocol" {
        EmbeddedServer.of(protocol).start().use { server -> quickstart(server.uri(), readings) shouldBe true }
      }
    }

    "the main job loses nothing of what NATS can do".config(enabled = NatsServer.available()) {
      Target.of("nats:").use { target -> quickstart(target.uri(), readings) shouldBe true }
    }
  })
