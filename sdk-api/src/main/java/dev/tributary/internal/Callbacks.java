package dev.tributary.internal;

import dev.tributary.config.ClientConfig;
import dev.tributary.spi.TimeSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where code of users runs, and never the threads that carry the connections or the timers of others.
 *
 * <p>Callbacks of futures, which are short, go to the user's executor or to a pool of a few threads. Handlers, which may block for as long as
 * they like, have threads of their own: there are as many as handlers run at a time, which those who submit them bound. To these threads also
 * goes what the user's executor refuses, what it would run on the thread that hands it over, and, with {@link ClientConfig#INLINE}, what would
 * run on the thread of the timers. Thread-safe.
 */
final class Callbacks implements Executor {
  private static final System.Logger LOG = System.getLogger("dev.tributary.callbacks");
  private static final int MAX_THREADS = 256;
  private static final long IDLE_SECONDS = 5;

  private final TimeSource time;
  private final @Nullable Executor users;
  private final @Nullable ExecutorService pool;
  private final ThreadPoolExecutor handlers;

  /** As the configuration says. */
  Callbacks(ClientConfig config) {
    this.time = config.time();
    this.users = config.callbackExecutor();
    this.pool = users == null ? pool() : null;
    this.handlers =
        new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), HandlerThreads.named("tributary-handler-"));
  }

  /**
   * A fork-join pool, because it starts another thread when one blocks in {@code CompletableFuture.get}: a callback that waits for a further
   * call of the client cannot starve that call's completion.
   */
  private static ExecutorService pool() {
    AtomicInteger count = new AtomicInteger();
    int parallelism = Math.max(2, Runtime.getRuntime().availableProcessors());
    return new ForkJoinPool(
        parallelism,
        pool -> {
          ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
          thread.setName("tributary-callback-" + count.incrementAndGet());
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

  /** Whether callbacks run on the thread that has the answer. */
  boolean inline() {
    return users == ClientConfig.INLINE;
  }

  /** Where handlers run: on threads that they may keep, but with {@link ClientConfig#INLINE} where callbacks do. */
  Executor handlers() {
    return inline() ? this : this::handOver;
  }

  @Override
  public void execute(Runnable task) {
    Executor given = users;
    if (given == null) {
      try {
        java.util.Objects.requireNonNull(pool).execute(task);
      } catch (Throwable closed) {
        handOver(task);
      }
    } else if (given != ClientConfig.INLINE) {
      new Guarded(task).submit(given);
    } else if (time.onTimerThread()) {
      handOver(task);
    } else {
      task.run();
    }
  }

  private void handOver(Runnable task) {
    try {
      handlers.execute(task);
    } catch (Throwable noThread) {
      // No thread can be started: one that exists already has to do.
      LOG.log(System.Logger.Level.WARNING, "No thread for a callback; one of the process's common pool takes it", noThread);
      ForkJoinPool.commonPool().execute(task);
    }
  }

  /** Lets what is submitted run, and the threads end then. */
  void close() {
    handlers.setKeepAliveTime(0, TimeUnit.SECONDS);
    if (pool != null) {
      pool.shutdown();
    }
  }

  /** A task on its way through an executor that is not ours: it runs once, whatever that does, and not on the thread that hands it over. */
  private final class Guarded implements Runnable {
    private final Runnable task;
    private final Thread from = Thread.currentThread();
    private boolean submitting = true;
    private boolean taken;

    Guarded(Runnable task) {
      this.task = task;
    }

    void submit(Executor given) {
      try {
        given.execute(this);
      } catch (Throwable refused) {
        if (take()) {
          handOver(task);
        }
      }
      synchronized (this) {
        submitting = false;
      }
    }

    private synchronized boolean take() {
      boolean first = !taken;
      taken = true;
      return first;
    }

    @Override
    public void run() {
      boolean here;
      synchronized (this) {
        here = submitting && Thread.currentThread() == from;
      }
      if (!take()) {
        return;
      }
      if (here) {
        handOver(task);
      } else {
        task.run();
      }
    }
  }
}
