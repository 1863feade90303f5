package dev.tributary.examples.quickstart

import dev.tributary.Capability
import dev.tributary.RedeliveryPolicy
import dev.tributary.error.AlreadyExistsException
import dev.tributary.kotlin.Job
import dev.tributary.kotlin.Tributary
import dev.tributary.kotlin.newJob
import dev.tributary.stream.Position
import dev.tributary.stream.StartAt
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout

/** The parts of the main job, and the counts they must add up to. */
internal class Pipeline(
  private val client: Tributary,
  private val readings: List<Reading>,
  private val progress: Progress,
  private val report: Report,
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
  private val shaky = important.filterIndexed { index, _ -> index % 20 == 7 }.map { it.id() }.toSet()

  /** Fail until they are dead letters; cured before those are replayed. */
  private val poisoned = important.filterIndexed { index, _ -> index % 100 == 42 }.map { it.id() }.toSet()

  @Volatile private var cured = false

  suspend fun run() {
    provision()
    coroutineScope {
      val workers = launch { if (queues) work() }
      val consumer = launch { if (streams) consume() }
      feed()
      awaitCount("readings consumed") { !streams || progress.consumed() == readings.size.toLong() }
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
    }
    if (streams && keyValue) checkState()
    if (!keyValue) report.skip("latest per key", "this backend has no key-value store")
  }

  /** Creates what the backend lets a client create, and lets the group begin after what is there from before. */
  private suspend fun provision() {
    if (Capability.CREATE_RESOURCES in client.capabilities) {
      if (streams) unlessThere { client.admin().createStream(EVENTS) }
      if (queues) unlessThere { client.admin().createQueue(JOBS) { maxAttempts(ATTEMPTS) } }
      if (keyValue) unlessThere { client.admin().createKeyValue(STATE) }
    }
    if (streams) {
      for (partition in 0 until events.partitions()) {
        val last = events.latestOffset(partition)
        if (last != null) events.commit(GROUP, Position(partition, last + 1))
      }
    }
    if (queues && Capability.REDELIVERY_POLICY in client.capabilities) {
      jobs.setRedeliveryPolicy(RedeliveryPolicy.builder().maxAttempts(ATTEMPTS).fixedBackoff(1.seconds.toJavaDuration()).build())
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
    events.consumer(GROUP, StartAt.committed()).use { consumer ->
      consumer.forEach { message ->
        val reading = message.value
        if (queues && reading.importance() > 0) enqueue(reading)
        if (keyValue) latest.put(reading.key(), reading, ttl = 1.hours)
        progress.consumed(reading)
      }
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
    jobs.process(concurrency = 8, lease = 30.seconds) { job -> handle(job) }
  }

  private fun handle(job: Job<Reading>) {
    val id = job.value.id()
    if (!cured && id in poisoned || id in shaky && job.attempt == 1) {
      progress.failed()
      error("reading $id fails on purpose")
    }
    progress.processed(job.value)
  }

  /** Waits for everything but the dead letters, cures what made them, and replays them: where the backend cannot, as new jobs. */
  private suspend fun replayDeadLetters() {
    val letters = jobs.deadLetters()
    awaitCount("jobs done") { progress.processed() == (important.size - poisoned.size).toLong() }
    awaitCount("dead letters") { letters.list(poisoned.size + 1).size >= poisoned.size }
    val dead = letters.list(MOST_LETTERS)
    report.expect("dead letters", poisoned.size.toLong(), dead.map { it.value.id() }.toSet().size.toLong())
    cured = true
    val replays = Capability.DEAD_LETTER_REPLAY in client.capabilities
    for (letter in dead) if (replays) letters.replay(letter.id) else jobs.enqueue(letter.value)
    awaitCount("jobs done after the replay") { progress.processed() == important.size.toLong() }
    if (replays) report.expect("dead letters after the replay", 0, letters.list(MOST_LETTERS).size.toLong())
    report.expect("deliberate failures", shaky.size + poisoned.size.toLong() * ATTEMPTS, progress.failures())
  }

  private suspend fun checkState() {
    val last = readings.associateBy { it.key() }
    val right = last.values.count { latest.get(it.key()) == it }
    report.expect("keys whose latest reading is kept", last.size.toLong(), right.toLong())
  }

  /** Waits for others to get there; an error if they do not. */
  private suspend fun awaitCount(what: String, reached: suspend () -> Boolean) {
    withTimeout(PATIENCE) {
      while (!reached()) delay(20.milliseconds)
    }
    check(reached()) { "$what: not reached" }
  }

  private suspend fun unlessThere(create: suspend () -> Unit) {
    try {
      create()
    } catch (_: AlreadyExistsException) {
      // From an earlier run.
    }
  }

  private companion object {
    const val EVENTS = "quickstart-events"
    const val JOBS = "quickstart-jobs"
    const val STATE = "quickstart-state"
    const val GROUP = "quickstart"
    const val ATTEMPTS = 3
    const val MOST_LETTERS = 100
    val PATIENCE = 2.minutes
  }
}
