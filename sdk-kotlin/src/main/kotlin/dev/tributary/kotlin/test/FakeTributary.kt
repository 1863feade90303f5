package dev.tributary.kotlin.test

import dev.tributary.config.ClientConfig
import dev.tributary.engine.MemoryEngine
import dev.tributary.kotlin.ConfigBuilder
import dev.tributary.kotlin.Tributary
import dev.tributary.testkit.Journal
import dev.tributary.testkit.WatchedTransport
import dev.tributary.testkit.fault.FaultPlan
import java.time.Duration
import kotlinx.coroutines.job
import kotlinx.coroutines.test.TestScope

/**
 * A client for unit tests of coroutines: the real client, over a [MemoryEngine] of its own, on the time of the test's scheduler, with a journal
 * of what it called and a plan of what is to fail. Nothing is mocked, so that a test sees what production would do.
 *
 * ```
 * runTest {
 *   val fake = fakeTributary()
 *   val mails = fake.client.queue<Mail>("mails")
 *   backgroundScope.launch { mails.process { send(it.value) } }    // the code to test
 *   mails.enqueue(welcome)
 *   delay(5.minutes)                                               // takes no time: retries and backoffs pass
 *   mails.deadLetters.list() shouldBe emptyList()
 * }
 * ```
 *
 * Time passes as in every such test: a `delay`, a call that waits, `advanceTimeBy`. What waits for time in client and engine is background work of
 * the test: it does not keep `runTest` from ending, nor `advanceUntilIdle` from returning. The code to test stays on the dispatcher of the test:
 * time does not wait for what happens on other threads.
 *
 * Made by [fakeTributary]; needs `testkit` and `kotlinx-coroutines-test`.
 */
public class FakeTributary internal constructor(
  /** The client. */
  public val client: Tributary,
  /** The backend. Connect to it to be somebody else. */
  public val engine: MemoryEngine,
  /** What the client called, tries included. */
  public val journal: Journal,
  /** What is to fail. */
  public val faults: FaultPlan,
)

/**
 * A fake on the scheduler of this test, closed when the test ends.
 *
 * @param engine what is to be different about the backend; its time is the test's
 * @param config what is to be different about the client; its time is the test's
 */
public fun TestScope.fakeTributary(engine: MemoryEngine.Builder.() -> Unit = {}, config: ConfigBuilder.() -> Unit = {}): FakeTributary {
  val time = TestTime(this)
  val backend = MemoryEngine.builder().seed(SEED).apply(engine).time(time).build()
  val settings = ClientConfig.builder("memory").callbackExecutor(ClientConfig.INLINE)
  ConfigBuilder(settings).config()
  val configured = settings.time(time).build()
  val journal = Journal()
  val faults = FaultPlan(time)
  val client = Tributary.over(WatchedTransport(backend.connect(configured.credentials()), time, journal, faults), configured)
  backgroundScope.coroutineContext.job.invokeOnCompletion {
    // Nothing waits any more: time has ended.
    client.java.closeAsync(Duration.ZERO)
    backend.close()
  }
  return FakeTributary(client, backend, journal, faults)
}

private const val SEED = 1L
