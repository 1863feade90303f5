package dev.tributary.kotlin

import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.isActive
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext

/** Long enough to cost nothing when nothing comes. */
internal val LONG_POLL = 30.seconds

/** What the poll gives; what came too late for a coroutine that was cancelled is given back. */
internal suspend fun <M> CompletableFuture<List<M>>.awaitOrReadAgain(readAgain: suspend (List<M>) -> Unit): List<M> {
  try {
    return await()
  } catch (cancelled: CancellationException) {
    // Either the poll is cancelled, too, or it is being answered at this moment.
    withContext(NonCancellable) { readAgain(handle { messages, _ -> messages }.await().orEmpty()) }
    throw cancelled
  }
}

/** What polls give, one message after the other; those that the collector did not come to are given back. */
internal fun <M> polled(poll: suspend () -> List<M>, readAgain: suspend (List<M>) -> Unit): Flow<M> =
  flow {
    while (true) {
      val polled = poll()
      var done = 0
      try {
        while (done < polled.size) {
          emit(polled[done])
          done++
        }
      } finally {
        if (done < polled.size) withContext(NonCancellable) { readAgain(polled.subList(done, polled.size)) }
      }
    }
  }

/** Runs what [begin] begins until it ends, with the handler in the caller's context. */
@OptIn(DelicateCoroutinesApi::class, ExperimentalCoroutinesApi::class)
internal suspend fun <M> handling(handler: suspend (M) -> Unit, begin: ((M) -> CompletionStage<*>) -> CompletableFuture<Void>): Unit =
  supervisorScope {
    val run = CompletableDeferred<CompletableFuture<Void>>()
    run.complete(
      // Atomic, so that a message handed over while the scope is being cancelled completes its future, too.
      begin { message ->
        future(threadContext(), CoroutineStart.ATOMIC) {
          try {
            ensureActive()
            handler(message)
          } catch (thrown: Throwable) {
            // Its handler was cancelled and did not fail: nothing is handled again, nor given up, once the run is over.
            if (!this@supervisorScope.isActive) withContext(NonCancellable) { run.await() }.cancel(true)
            throw thrown
          }
        }
      },
    )
    run.await().await()
  }
