package dev.tributary.nats.client;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads of a client: daemons, which end when they have nothing to do. The library's own keep a process alive. */
final class Threads {
  private final ThreadPoolExecutor pool =
      new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> daemon(work, "tributary-nats"));
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> daemon(work, "tributary-nats-timer"));

  Threads() {
    timer.setRemoveOnCancelPolicy(true);
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** For what blocks: to connect, to close, and the library's own loops. */
  ExecutorService pool() {
    return pool;
  }

  /** The library's pings. */
  ScheduledExecutorService timer() {
    return timer;
  }

  void close() {
    pool.shutdown();
    timer.shutdownNow();
  }
}
