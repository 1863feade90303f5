package dev.tributary.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of what a client received and its users have not taken yet, of all subscriptions together. Each has a {@link Share} with a limit
 * of its own. Who holds nothing may always take one item more, so that one user who does not keep up stops nobody else.
 *
 * <p>Thread-safe; whoever found no room is told when there is.
 */
public final class Buffer {
  /** An item costs this besides what it carries. */
  public static final int ITEM = 128;

  private final long limit;
  private final AtomicLong total = new AtomicLong();
  /** Who found no room because of others, first come first served. */
  private final Queue<Share> waiting = new ConcurrentLinkedQueue<>();

  /** For so many bytes. */
  Buffer(long limit) {
    this.limit = limit;
  }

  /** One subscription's part: so many bytes. */
  public Share share(long own, Runnable roomReturned) {
    return new Share(own, roomReturned);
  }

  /** All that is held. */
  long held() {
    return total.get();
  }

  /** Tells who waits for the others, when there is enough for it to be worth while. */
  private void wakeOthers() {
    if (waiting.isEmpty() || total.get() > limit - limit / 8) {
      return;
    }
    for (int known = waiting.size(); known > 0; known--) {
      Share next = waiting.poll();
      if (next == null) {
        return;
      }
      next.listed.set(false);
      next.roomReturned.run();
    }
  }

  /** What one subscription holds. */
  public final class Share {
    private volatile long own;
    private volatile int most = Integer.MAX_VALUE;
    private final Runnable roomReturned;
    private final AtomicLong held = new AtomicLong();
    private final AtomicInteger items = new AtomicInteger();
    private final AtomicBoolean starved = new AtomicBoolean();
    private final AtomicBoolean listed = new AtomicBoolean();

    private Share(long own, Runnable roomReturned) {
      this.own = own;
      this.roomReturned = roomReturned;
    }

    /** So many bytes and so many items are its part from now on; both at least 1. It may hold more for a while. */
    public void resize(long bytes, int most) {
      this.own = bytes;
      this.most = most;
    }

    /** An item of so many bytes arrived. */
    public void add(long bytes) {
      items.incrementAndGet();
      held.addAndGet(bytes);
      total.addAndGet(bytes);
    }

    /** An item of so many bytes was handed over or dropped; {@link #tell} says so to whoever waits for room. */
    public void remove(long bytes) {
      remove(1, bytes);
    }

    /** So many items with so many bytes together were. */
    void remove(int count, long bytes) {
      items.addAndGet(-count);
      held.addAndGet(-bytes);
      total.addAndGet(-bytes);
    }

    /** How much more fits. If nothing does, this is told when something does. */
    public long room() {
      long room = left();
      if (room > 0) {
        return room;
      }
      starved.set(true);
      if (own - held.get() > 0 && items.get() < most && listed.compareAndSet(false, true)) {
        waiting.add(this);
      }
      // It may have been let go in between.
      return left();
    }

    private long left() {
      if (items.get() >= most) {
        return 0;
      }
      long mine = held.get();
      long room = Math.min(own - mine, limit - total.get());
      return mine <= 0 ? Math.max(1, room) : room;
    }

    /** After {@link #remove}, and without a lock: what is told asks sources for more. */
    public void tell() {
      // Not for every item: a request may cost a source a message.
      if (starved.get() && held.get() <= own / 2 && items.get() <= most / 2 && left() > 0 && starved.compareAndSet(true, false)) {
        roomReturned.run();
      }
      wakeOthers();
    }
  }
}
