package dev.tributary.examples.quickstart

import dev.tributary.Capability
import dev.tributary.examples.program.Program
import dev.tributary.examples.program.Setting
import dev.tributary.examples.program.Target
import dev.tributary.examples.program.Waiting
import dev.tributary.kotlin.Tributary
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.DurationUnit
import kotlin.time.measureTime
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/**
 * The main job: real records through a stream, a consumer group, prioritised jobs, workers, dead letters and key-value state; ends
 * with a table of counts and exits with 1 if one of them is off. System properties: `uri` (default `flowmesh:`, the embedded server),
 * `input` (a file of lines), `data` (the file that is read otherwise).
 */
public fun main() {
  Program.run("starting: real records through streams, a queue and a key-value store") {
    val input = Path.of(Setting.text("input") ?: Setting.text("data") ?: "examples/data/earthquakes.jsonl")
    val readings = Reading.all(input)
    Target.of(Setting.text("uri") ?: "flowmesh:").use { target ->
      val title = "%,d lines of %s through %s, %s".format(readings.size, input.fileName, target.uri(), target.description())
      runBlocking(Dispatchers.Default) { quickstart(target.uri(), readings, title) }.also { println(NEXT) }
    }
  }
}

/** Runs every part that the backend's capabilities allow. Whether all counts were right. */
internal suspend fun quickstart(uri: String, readings: List<Reading>, title: String = uri, patience: Duration = 1.minutes): Boolean =
  Tributary.connect(uri).use { client ->
    println(title)
    Waiting.forAnswer(client.java)
    val report = Report()
    val pipeline = Pipeline(client, readings, report, patience)
    println(pipeline.plan())
    val whole = measureTime { showing(pipeline.progress) { pipeline.run() } }

    if (Capability.STREAMS in client.capabilities) {
      report.show("publish to confirmation, p50 / p99", pipeline.progress.publishing().inMillis())
    }
    if (Capability.QUEUES in client.capabilities) {
      report.show("publish to job done at once, p50 / p99", pipeline.progress.processing().inMillis())
    }
    report.show("until all was confirmed", pipeline.feeding.toString(DurationUnit.SECONDS, 1))
    val backoffs = if (Capability.QUEUES in client.capabilities) ", with the backoffs" else ""
    report.show("until all was done$backoffs", whole.toString(DurationUnit.SECONDS, 1))
    println()
    println(report)
    println(if (report.good()) "nothing lost" else "COUNTS ARE OFF")
    report.good()
  }

/** Shows how far it is while the block runs. */
private suspend fun showing(progress: Progress, block: suspend () -> Unit) =
  coroutineScope {
    val display =
      launch {
        var shown = progress.toString()
        while (true) {
          delay(250.milliseconds)
          val now = progress.toString()
          if (now != shown) println(now)
          shown = now
        }
      }
    block()
    display.cancel()
  }

private fun Latencies.inMillis() = "%.1f / %.1f ms".format(percentile(50.0), percentile(99.0))

private val NEXT =
  """
  |
  |Next:
  |  mvn -q -Pquickstart -Dinput=FILE     your own lines
  |  mvn -q -Pquickstart -Duri=goqueue:   another wire: flowmesh:, disheap:, goqueue:, flymq: or nats:; memory: is none at all
  |  examples/src/main/kotlin/dev/tributary/examples/quickstart/Pipeline.kt   how it is written
  """.trimMargin()
