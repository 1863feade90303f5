package dev.tributary.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs tasks one after another, in order, on the callback executor. Whoever submits bounds how many wait. */
public final class Serial implements Executor {
  private static final System.Logger LOG = System.getLogger("dev.tributary.callbacks");

  private final Calls calls;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** On the callback executor of these calls. */
  public Serial(Calls calls) {
    this.calls = calls;
  }

  /** Runs the task on the callback executor when those before it are done. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (waiting.getAndIncrement() == 0) {
      calls.callback(this::drain);
    }
  }

  /** Runs the task when those before it are done: at once if none are, because this thread is one of the callback executor. */
  public void executeHere(Runnable task) {
    tasks.add(task);
    if (waiting.getAndIncrement() == 0) {
      drain();
    }
  }

  private void drain() {
    do {
      Runnable task = tasks.poll();
      if (task != null) {
        try {
          task.run();
        } catch (Throwable thrown) {
          LOG.log(System.Logger.Level.ERROR, "A callback threw", thrown);
        }
      }
    } while (waiting.decrementAndGet() != 0);
  }
}
