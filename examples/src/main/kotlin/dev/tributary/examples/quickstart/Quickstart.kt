package dev.tributary.examples.quickstart

import dev.tributary.Capability
import dev.tributary.error.TributaryException
import dev.tributary.kotlin.Tributary
import dev.tributary.testkit.server.EmbeddedServer
import java.nio.file.Path
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.milliseconds
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
  val good =
    try {
      run()
    } catch (refused: TributaryException) {
      System.err.println(refused.message)
      false
    }
  if (!good) exitProcess(1)
}

private fun run(): Boolean {
  val uri = setting("uri") ?: "flowmesh:"
  val input = Path.of(setting("input") ?: setting("data") ?: "examples/data/earthquakes.jsonl")
  val embedded = if (uri.endsWith(":") && uri != "memory:") EmbeddedServer.of(uri.dropLast(1)).start() else null
  return (embedded ?: AutoCloseable {}).use {
    runBlocking(Dispatchers.Default) { quickstart(embedded?.uri() ?: uri, Reading.all(input)) }
  }
}

/** Runs every part that the backend's capabilities allow. Whether all counts were right. */
internal suspend fun quickstart(uri: String, readings: List<Reading>): Boolean =
  Tributary.connect(uri).use { client ->
    println("${readings.size} records through ${client.config}")
    val progress = Progress()
    val report = Report()
    val begun = System.nanoTime()
    showing(progress) { Pipeline(client, readings, progress, report).run() }
    val seconds = (System.nanoTime() - begun) / 1e9

    if (Capability.STREAMS in client.capabilities) {
      report.show("publish to confirmation, p50 / p99", progress.publishing().inMillis())
    }
    if (Capability.QUEUES in client.capabilities) {
      report.show("publish to job done, p50 / p99", progress.processing().inMillis())
    }
    report.show("records a second, from file to done", "%,.0f".format(readings.size / seconds))
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
        while (true) {
          delay(250.milliseconds)
          println(progress)
        }
      }
    block()
    display.cancel()
  }

private fun Latencies.inMillis() = "%.1f / %.1f ms".format(percentile(50.0), percentile(99.0))

private fun setting(name: String): String? = System.getProperty(name)?.takeIf { it.isNotEmpty() }
