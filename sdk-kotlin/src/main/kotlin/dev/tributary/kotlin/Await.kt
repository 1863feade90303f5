package dev.tributary.kotlin

import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.future.await
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext

/**
 * Waits for a call whose result must not get lost. Cancelling cancels the call; a result that arrives all the same goes to
 * [giveBack], whether it came before the call could be cancelled or between the completion and the resumption of the coroutine.
 */
internal suspend fun <R> CompletableFuture<R>.awaitOrGiveBack(giveBack: (R) -> Unit): R =
  suspendCancellableCoroutine { waiting ->
    waiting.invokeOnCancellation { cancel(false) }
    whenComplete { result, failure ->
      if (failure == null) {
        waiting.resume(result) { _, lost, _ -> giveBack(lost) }
      } else {
        waiting.resumeWithException((failure as? CompletionException)?.cause ?: failure)
      }
    }
  }

/** Waits for something that goes on without the one who waits: cancelling stops the waiting only. */
internal suspend fun <R> CompletableFuture<R>.awaitOnly(): R = copy().await()

/** Runs the block, then closes and waits for it, also when cancelled. What the block failed with wins over a failure to close. */
@PublishedApi
internal suspend inline fun <R> usingThenClosing(close: () -> CompletableFuture<*>, block: () -> R): R {
  var failure: Throwable? = null
  try {
    return block()
  } catch (thrown: Throwable) {
    failure = thrown
    throw thrown
  } finally {
    awaitClosed(close(), failure)
  }
}

@PublishedApi
internal suspend fun awaitClosed(closed: CompletableFuture<*>, failure: Throwable?): Unit =
  withContext(NonCancellable) {
    try {
      closed.await()
    } catch (thrown: Throwable) {
      if (failure == null) throw thrown
      failure.addSuppressed(thrown)
    }
  }
