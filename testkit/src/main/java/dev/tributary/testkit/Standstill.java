package dev.tributary.testkit;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the thread of a test waits for a future while virtual time stands still and has timers: most likely for ever, for only
 * that thread would move time. It says so once for every such wait, and changes nothing: somebody else may be about to.
 */
final class Standstill implements Runnable, AutoCloseable {
  private static final Logger LOG = System.getLogger("dev.tributary.testkit");
  private static final Duration USUAL = Duration.ofSeconds(5);
  private static final int LOOKS = 5;

  private final WeakReference<VirtualTime> time;
  private final Thread watched;
  private final long lookNanos;
  private final Thread watcher;
  private volatile boolean closed;

  private Standstill(VirtualTime time, Thread watched, Duration patience) {
    this.time = new WeakReference<>(time);
    this.watched = watched;
    this.lookNanos = patience.dividedBy(LOOKS).toNanos();
    this.watcher = new Thread(this, "tributary-standstill");
    watcher.setDaemon(true);
    watcher.setContextClassLoader(null);
  }

  /** Watches the calling thread, until it is closed or the time is not in use any more. */
  static Standstill watch(VirtualTime time) {
    return watch(time, USUAL);
  }

  static Standstill watch(VirtualTime time, Duration patience) {
    Standstill standstill = new Standstill(time, Thread.currentThread(), patience);
    standstill.watcher.start();
    return standstill;
  }

  @Override
  public void run() {
    long stoodAt = -1;
    int looks = 0;
    while (!closed && watched.isAlive()) {
      LockSupport.parkNanos(lookNanos);
      VirtualTime now = time.get();
      if (now == null) {
        return;
      }
      long nanos = now.nanos();
      StackTraceElement waiting = nanos == stoodAt && now.pendingTimers() > 0 ? waiting() : null;
      looks = waiting == null ? 0 : looks + 1;
      stoodAt = nanos;
      if (looks == LOOKS && waiting != null) {
        int timers = now.pendingTimers();
        LOG.log(
            Level.WARNING,
            () ->
                watched.getName()
                    + " waits for a future at "
                    + waiting
                    + ", and virtual time stands still with "
                    + timers
                    + " timers. If it waits for one of them, it waits for ever: call time().advance(…), or fake.await(future)");
      }
    }
  }

  /** Where the thread waits for a future; null if it does something else. */
  private @Nullable StackTraceElement waiting() {
    Thread.State state = watched.getState();
    if (state != Thread.State.WAITING && state != Thread.State.TIMED_WAITING) {
      return null;
    }
    List<StackTraceElement> stack = List.of(watched.getStackTrace());
    String future = CompletableFuture.class.getName();
    if (stack.stream().noneMatch(frame -> frame.getClassName().equals(future) && frame.getMethodName().endsWith("Get"))) {
      return null;
    }
    return stack.stream()
        .filter(frame -> !frame.getClassName().startsWith("java.") && !frame.getClassName().startsWith("jdk."))
        .findFirst()
        .orElse(null);
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(watcher);
  }
}
