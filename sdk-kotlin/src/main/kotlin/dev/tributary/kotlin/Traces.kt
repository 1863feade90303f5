package dev.tributary.kotlin

import dev.tributary.trace.Trace
import dev.tributary.trace.TraceQuery
import kotlinx.coroutines.future.await
import dev.tributary.trace.Traces as JavaTraces

/** The same traces for coroutines. */
public fun JavaTraces.asKotlin(): Traces = Traces(this)

/**
 * What became of messages, as far as the server wrote it down. Servers keep traces for a while only. Cancellation is described at
 * [Tributary].
 */
public class Traces internal constructor(
  /** The Java traces. */
  public val java: JavaTraces,
) {
  /** The traces that a query finds, the latest first, without their spans. */
  public suspend fun search(query: TraceQuery = TraceQuery.LATEST): List<Trace> = java.search(query).await()

  /** One trace with its spans; fails with `NotFoundException` if there is none, or none any more. */
  public suspend fun trace(id: String): Trace = java.trace(id).await()
}
