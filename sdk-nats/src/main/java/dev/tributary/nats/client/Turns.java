package dev.tributary.nats.client;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs steps one after another, in order, on the thread of whoever brings one while none runs. What belongs to it needs no lock, and no thread of its
 * own: a client has as many threads with a thousand subscriptions as with one.
 */
public final class Turns {
  private static final Logger LOG = System.getLogger("dev.tributary.net");

  private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** Runs the step when those before it are done. It must be short and not block. */
  public void run(Runnable step) {
    steps.add(step);
    if (waiting.getAndIncrement() != 0) {
      return;
    }
    do {
      Runnable next = steps.poll();
      if (next != null) {
        try {
          next.run();
        } catch (Throwable defect) {
          LOG.log(Level.ERROR, "a step of a source failed", defect);
        }
      }
    } while (waiting.decrementAndGet() != 0);
  }
}
