package dev.tributary.kotlin

import java.util.concurrent.CompletableFuture
import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import dev.tributary.queue.Job as JavaJob

/**
 * A flow that asks for a job when the collector is done with the one before, and gives back a job that does not reach the
 * collector. The general adapter from publishers to flows would drop that one, and its lease would have to run out.
 */
internal fun <T : Any> Publisher<JavaJob<T>>.oneAtATime(): Flow<LeasedJob<T>> =
  flow {
    val subscriber = JobSubscriber<T>()
    subscribe(subscriber)
    try {
      for (job in subscriber.jobs) {
        emit(LeasedJob(job))
        subscriber.request()
      }
    } finally {
      subscriber.cancel()
    }
  }

private class JobSubscriber<T : Any> : Subscriber<JavaJob<T>> {
  val jobs = Channel<JavaJob<T>>(capacity = 1) { it.giveBack() }
  private val subscription = CompletableFuture<Subscription>()

  fun request() {
    subscription.thenAccept { it.request(1) }
  }

  fun cancel() {
    subscription.thenAccept { it.cancel() }
    jobs.cancel(cause = null)
  }

  override fun onSubscribe(subscription: Subscription) {
    if (this.subscription.complete(subscription)) request() else subscription.cancel()
  }

  override fun onNext(job: JavaJob<T>) {
    if (jobs.trySend(job).isFailure) job.giveBack()
  }

  override fun onError(failure: Throwable) {
    jobs.close(failure)
  }

  override fun onComplete() {
    jobs.close()
  }
}
