package dev.tributary.kotlin

import dev.tributary.error.TributaryException
import dev.tributary.queue.WorkerOptions
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlinx.coroutines.withContext
import dev.tributary.JobQueue as JavaJobQueue
import dev.tributary.queue.Job as JavaJob
import dev.tributary.queue.Worker as JavaWorker

/**
 * A worker whose handlers are coroutines in the context of the scope, and that does not outlive the scope.
 *
 * The handlers are cancelled by the coroutine that stands for the worker, and not by the scope itself: only when no more jobs are
 * taken may they give back theirs, or the worker would take those again and use up their attempts. Every coroutine starts
 * atomically: also while the scope is being cancelled a job that was handed over is settled, and the worker is closed.
 */
@OptIn(DelicateCoroutinesApi::class, ExperimentalCoroutinesApi::class)
internal fun <T : Any> JavaJobQueue<T>.workIn(
  scope: CoroutineScope,
  options: WorkerOptions,
  handler: suspend (LeasedJob<T>) -> Unit,
): JavaWorker {
  val handlers = SupervisorJob()
  val handling = scope + handlers
  val worker = worker(options) { job -> handling.future(threadContext(), CoroutineStart.ATOMIC) { handle(job, handlers, handler) } }
  scope.launch(start = CoroutineStart.ATOMIC) {
    var failure: Throwable? = null
    try {
      worker.ended().awaitOnly()
    } catch (thrown: Throwable) {
      failure = thrown
      if (thrown is CancellationException) {
        worker.closeAsync()
        handlers.cancel(thrown)
      }
      throw thrown
    } finally {
      try {
        awaitClosed(worker.closeAsync(), failure)
      } finally {
        withContext(NonCancellable) {
          handlers.complete()
          handlers.join()
        }
      }
    }
  }
  return worker
}

/** Leaves ack and nack to the worker, except for a job whose handler was cancelled together with all others: that goes back at once. */
private suspend fun <T : Any> handle(job: JavaJob<T>, handlers: Job, handler: suspend (LeasedJob<T>) -> Unit) {
  try {
    handlers.ensureActive()
    handler(LeasedJob(job))
  } catch (failure: Throwable) {
    // Not by its type: a timeout within the handler is a failure like any other.
    if (!handlers.isActive) {
      withContext(NonCancellable) {
        try {
          job.giveBack().await()
        } catch (settled: TributaryException) {
          failure.addSuppressed(settled)
        }
      }
    }
    throw failure
  }
}
