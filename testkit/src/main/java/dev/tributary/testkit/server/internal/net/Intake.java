package dev.tributary.testkit.server.internal.net;

import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.TributaryException;
import dev.tributary.testkit.server.ServerLimits;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of requests that a server holds, over all its connections. If they become too many, the request that holds most of those
 * that are not complete is refused: who sends little is served although others have filled the room with halves. Thread-safe.
 */
public final class Intake {
  private final long most;
  private final long bodyNanos;
  private final AtomicLong held = new AtomicLong();
  private final Set<Part> parts = ConcurrentHashMap.newKeySet();

  /** Empty. */
  public Intake(ServerLimits limits) {
    this.most = limits.heldBytes();
    this.bodyNanos = limits.bodyTime().toNanos();
  }

  /** How many bytes are held. */
  public long held() {
    return held.get();
  }

  /** A request begins to arrive, in one message or in many. */
  public Part begin() {
    return new Part();
  }

  /** Refuses what takes too long to arrive. */
  public void sweep(long nanos) {
    for (Part part : parts) {
      if (part.waiting && nanos - part.since > bodyNanos) {
        part.refuse(new DeadlineExceededException(ErrorInfo.of("the request did not arrive in time", "Send all of it at once")));
      }
    }
  }

  private void makeRoom(Part arriving) {
    synchronized (parts) {
      while (held.get() > most && !arriving.over.get()) {
        Part largest = arriving;
        for (Part part : parts) {
          if (part.partial > 0 && part.bytes > largest.bytes) {
            largest = part;
          }
        }
        largest.refuse(
            new OverloadedException(ErrorInfo.of("the server holds as many bytes of requests as it may", "Try again later, with less")));
      }
    }
  }

  /** One request. Only its event loop tells it what arrives; it may be refused from any thread. */
  public final class Part {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong counted = new AtomicLong();
    private volatile long bytes;
    private volatile long partial;
    private volatile boolean waiting;
    private volatile long since;
    private volatile @Nullable Consumer<TributaryException> onRefused;

    private Part() {
      parts.add(this);
    }

    /** Who is told if it is refused, on whatever thread: once, and not after {@link #close}. */
    public void onRefused(Consumer<TributaryException> told) {
      onRefused = told;
    }

    /** From now on it is waited for: it is refused if it takes too long. */
    public void expect() {
      since = System.nanoTime();
      waiting = true;
    }

    /** So much more of it is there; false if it is not to be kept. */
    public boolean arrived(int more) {
      if (over.get()) {
        return false;
      }
      if (!waiting) {
        expect();
      }
      partial += more; // no other thread writes it
      bytes += more;
      count(more);
      if (held.get() > most) {
        makeRoom(this);
      }
      return !over.get();
    }

    /** All of it is there, and held until it is closed. */
    public void complete() {
      waiting = false;
      partial = 0;
    }

    /** A message of so many bytes is complete, and others may follow. */
    public void message(long length, boolean kept) {
      partial -= length;
      waiting = partial > 0;
      since = System.nanoTime();
      if (!kept) {
        bytes -= length;
        count(-length);
      }
    }

    /** Nothing of it is held any more. Again is no error. */
    public void close() {
      if (over.compareAndSet(false, true)) {
        gone();
      }
    }

    private void count(long more) {
      counted.addAndGet(more);
      held.addAndGet(more);
      if (over.get()) { // refused meanwhile by another thread
        gone();
      }
    }

    private void gone() {
      parts.remove(this);
      held.addAndGet(-counted.getAndSet(0));
    }

    private void refuse(TributaryException why) {
      if (over.compareAndSet(false, true)) {
        gone();
        Consumer<TributaryException> told = onRefused;
        if (told != null) {
          told.accept(why);
        }
      }
    }
  }
}
