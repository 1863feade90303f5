package dev.tributary.examples.quickstart

import dev.tributary.Capability
import dev.tributary.examples.program.Program
import dev.tributary.kotlin.LeasedJob
import dev.tributary.kotlin.Tributary
import dev.tributary.kotlin.newJob
import dev.tributary.kotlin.redeliveryPolicy
import dev.tributary.stream.Position
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import kotlin.time.measureTime
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch

/** The parts of the main job, and the counts they must add up to. Gives up when no count has changed for so long as [patience]. */
internal class Pipeline(
  private val client: Tributary,
  private val readings: List<Reading>,
  private val report: Report,
  private val patience: Duration,
) {
  private val streams = Capability.STREAMS in client.capabilities
  private val queues = Capability.QUEUES in client.capabilities
  private val keyValue = Capability.KEY_VALUE in client.capabilities

  // A backend that lacks one of them refuses even the handle.
  private val events by lazy { client.stream(EVENTS, ReadingCodec.JSON) }
  private val jobs by lazy { client.queue(JOBS, ReadingCodec.JSON) }
  private val latest by lazy { client.keyValue(STATE, ReadingCodec.JSON) }

  private val important = readings.filter { it.importance() > 0 }

  /** Fail on their first attempt, then succeed. */
  private val shaky = important.filterIndexed { index, _ -> index % 20 == 7 }.map { it.number() }.toSet()

  /** Fail until they are dead letters; cured before those are replayed. */
  private val poisoned = important.filterIndexed { index, _ -> index % 100 == 42 }.map { it.number() }.toSet()

  @Volatile private var cured = false

  /** How far it is. */
  val progress = Progress(if (streams) readings.size.toLong() else 0, if (queues) important.size.toLong() else 0)

  /** How long it took until everything was handed to the backend and confirmed. */
  var feeding = Duration.ZERO
    private set

  /** What it is about to do. */
  fun plan() =
    buildString {
      if (streams) append("%,d lines become events of a stream, which a consumer group reads".format(readings.size))
      if (streams && queues) append("; ")
      if (queues) append("%,d of %,d lines become jobs for %d workers".format(important.size, readings.size, WORKERS))
      if (streams && keyValue) append("; the latest line of each key is kept")
      if (queues && shaky.size + poisoned.size > 0) {
        append("\non purpose, ${shaky.size} jobs fail once, and ${poisoned.size} until they are dead letters, which are cured and replayed: ")
        append("each failure waits out its backoff")
      }
    }

  suspend fun run() {
    provision()
    coroutineScope {
      val workers = launch { if (queues) work() }
      val consumer = launch { if (streams) consume() }
      feeding = measureTime { feed() }
      if (streams) awaitCount("events consumed", readings.size) { progress.consumed() }
      if (queues) replayDeadLetters()
      consumer.cancel()
      workers.cancel()
    }
    if (streams) {
      report.expect("events confirmed", readings.size.toLong(), progress.published())
      report.expect("events consumed by the group", readings.size.toLong(), progress.consumed())
    } else {
      report.skip("events", "this backend has no streams")
    }
    if (queues) {
      report.expect("jobs enqueued", important.size.toLong(), progress.enqueued())
      report.expect("jobs done", important.size.toLong(), progress.processed())
    } else {
      report.skip("jobs", "this backend has no queues")
    }
    if (streams && keyValue) checkState()
    if (!keyValue) report.skip("latest per key", "this backend has no key-value store")
  }

  /** Creates what the backend lets a client create, and lets the group begin after what is there from before. */
  private suspend fun provision() {
    if (Capability.CREATE_RESOURCES in client.capabilities) {
      if (streams) client.admin.ensureStream(EVENTS)
      if (queues) client.admin.ensureQueue(JOBS) { maxAttempts(ATTEMPTS) }
      if (keyValue) client.admin.ensureKeyValue(STATE)
    }
    if (streams) {
      for (partition in 0 until events.partitions()) {
        val last = events.latestOffset(partition)
        if (last != null) events.commit(GROUP, Position(partition, last + 1))
      }
    }
    if (queues && Capability.REDELIVERY_POLICY in client.capabilities) {
      jobs.setRedeliveryPolicy(
        redeliveryPolicy {
          maxAttempts(ATTEMPTS)
          fixedBackoff(1.seconds)
        },
      )
    }
  }

  /** Publishes everything, in Java; a backend without streams gets the important readings as jobs. */
  private suspend fun feed() {
    if (streams) {
      Feed.publish(events.java, readings, progress).await()
    } else {
      for (reading in important) {
        progress.begun(reading)
        enqueue(reading)
      }
    }
  }

  /** The consumer group: important readings become jobs, and the latest of each key is kept. */
  private suspend fun consume() {
    events.process(GROUP) { message ->
      val reading = message.value
      if (queues && reading.importance() > 0) enqueue(reading)
      if (keyValue) latest.put(reading.key(), reading, ttl = 1.hours)
      progress.consumed(reading)
    }
  }

  private suspend fun enqueue(reading: Reading) {
    val can = client.capabilities
    jobs.enqueue(
      newJob(reading) {
        if (Capability.JOB_HEADERS in can) header("importance", reading.importance().toString())
        if (Capability.JOB_PRIORITY in can) priority(reading.importance())
      },
    )
    progress.countJob()
  }

  /** Workers that fail now and then. */
  private suspend fun work() {
    jobs.process(concurrency = WORKERS) { job -> handle(job) }
  }

  private fun handle(job: LeasedJob<Reading>) {
    val number = job.value.number()
    if (!cured && number in poisoned || number in shaky && job.attempt == 1) {
      progress.failed()
      error("reading ${job.value.id()} fails on purpose")
    }
    val atOnce = job.attempt == 1 && number !in poisoned
    progress.processed(job.value, atOnce)
  }

  /** Waits for everything but the dead letters, cures what made them, and replays them: where the backend cannot, as new jobs. */
  private suspend fun replayDeadLetters() {
    val letters = jobs.deadLetters
    awaitCount("jobs done before the replay", important.size - poisoned.size) { progress.processed() }
    awaitCount("dead letters", poisoned.size) { letters.list(poisoned.size + 1).size.toLong() }
    val dead = letters.list(MOST_LETTERS)
    report.expect("dead letters", poisoned.size.toLong(), dead.map { it.value.number() }.toSet().size.toLong())
    cured = true
    val replays = Capability.DEAD_LETTER_REPLAY in client.capabilities
    for (letter in dead) if (replays) letters.replay(letter.id) else jobs.enqueue(letter.value)
    awaitCount("jobs done after the replay", important.size) { progress.processed() }
    if (replays) report.expect("dead letters after the replay", 0, letters.list(MOST_LETTERS).size.toLong())
    report.expect("deliberate failures", shaky.size + poisoned.size.toLong() * ATTEMPTS, progress.failures())
  }

  private suspend fun checkState() {
    val last = readings.associateBy { it.key() }
    val right = last.values.count { latest.get(it.key()) == it }
    report.expect("keys whose latest reading is kept", last.size.toLong(), right.toLong())
  }

  /** Waits for others to get there; an error that names the count when nothing moves any more. */
  private suspend fun awaitCount(what: String, expected: Int, actual: suspend () -> Long) {
    var seen = ""
    var moved = TimeSource.Monotonic.markNow()
    while (true) {
      val count = actual()
      if (count >= expected) return
      val now = "$count, $progress"
      if (now != seen) {
        seen = now
        moved = TimeSource.Monotonic.markNow()
      }
      if (moved.elapsedNow() >= patience) {
        throw Program.Failure("%s: %,d of %,d, and nothing has moved for %s (%s)".format(what, count, expected, patience, progress))
      }
      delay(20.milliseconds)
    }
  }

  private companion object {
    const val EVENTS = "quickstart-events"
    const val JOBS = "quickstart-jobs"
    const val STATE = "quickstart-state"
    const val GROUP = "quickstart"
    const val ATTEMPTS = 3
    const val WORKERS = 8
    const val MOST_LETTERS = 100
  }
}
