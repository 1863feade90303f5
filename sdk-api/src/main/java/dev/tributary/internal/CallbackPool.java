package dev.tributary.internal;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/**
 * The default executor of user callbacks. A fork-join pool, because it starts another thread when one blocks in
 * {@code CompletableFuture.get}: a callback that waits for a further call of the client cannot starve that call's completion.
 */
final class CallbackPool {
  private static final int MAX_THREADS = 256;

  private CallbackPool() {}

  static ExecutorService create() {
    int parallelism = Math.max(2, Runtime.getRuntime().availableProcessors());
    return new ForkJoinPool(
        parallelism,
        pool -> {
          ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
          thread.setName("tributary-callback-" + thread.getPoolIndex());
          return thread;
        },
        null,
        true,
        parallelism,
        MAX_THREADS,
        1,
        pool -> true,
        30,
        TimeUnit.SECONDS);
  }
}
