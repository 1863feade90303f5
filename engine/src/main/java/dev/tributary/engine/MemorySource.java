package dev.tributary.engine;

import dev.tributary.SubscriptionState;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A source inside the engine. It holds no items: its observer's next one is taken when the one before was handled, as long as there is
 * demand. So what was revoked, sought away or closed is never delivered, and nothing piles up. Whichever thread makes something
 * deliverable delivers it, one thread at a time.
 */
abstract class MemorySource<T> implements Source {
  private static final System.Logger LOG = System.getLogger("dev.tributary.engine");

  final Gate gate;
  final SourceObserver<? super T> observer;
  private final ArrayDeque<Runnable> signals = new ArrayDeque<>();
  private long demand;
  private boolean woken;
  private boolean delivering;
  /** Room has returned since the deliverer asked for it. */
  private boolean asked;
  private boolean ended;

  MemorySource(Gate gate, SourceObserver<? super T> observer) {
    this.gate = gate;
    this.observer = observer;
  }

  /** The next item, or null if there is none; inside, and only with demand. */
  abstract @Nullable T take();

  /** More is wanted; inside. */
  void wanted() {}

  /** Lets go of what the source has in the engine; inside, once. */
  abstract void release();

  @Override
  public final void request(long n) {
    if (n < 0) {
      throw InvalidRequestException.of("a demand of " + n, "Request at least 0");
    }
    gate.run(
        () -> {
          asked = true;
          demand = n > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + n;
          if (!ended) {
            wanted();
          }
          wake();
        });
  }

  @Override
  public final CompletableFuture<Void> close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    gate.run(
        () -> {
          end(null);
          signal(() -> closed.complete(null));
        });
    return closed;
  }

  /** The first signal; inside. */
  final void live() {
    signal(() -> observer.onState(SubscriptionState.LIVE));
  }

  /** How many items the observer wants; inside. */
  final long demand() {
    return ended ? 0 : demand;
  }

  /** Whether the last signal is on its way or given; inside. */
  final boolean ended() {
    return ended;
  }

  /** Ends it, unless it has ended; inside. */
  final void end(@Nullable TributaryException error) {
    if (!ended) {
      ended = true;
      release();
      signal(() -> observer.onEnd(error));
    }
  }

  /** Runs this outside, after the signals before it; inside. */
  final void signal(Runnable signal) {
    signals.add(signal);
    wake();
  }

  /** There may be something to deliver; inside. */
  final void wake() {
    if (!woken && !delivering) {
      woken = true;
      gate.after(this::deliver);
    }
  }

  private void deliver() {
    boolean mine = gate.enter(this::beginDelivering);
    while (mine) {
      // Outside: how much room there is is for the observer to say.
      boolean room = observer.room() > 0;
      Runnable next = gate.enter(() -> next(room));
      if (next == null) {
        return;
      }
      try {
        next.run();
      } catch (RuntimeException | Error thrown) {
        // An observer must not throw. If this went on up, a thread that only published would fail, and the source would hang.
        LOG.log(System.Logger.Level.ERROR, "an observer threw", thrown);
      }
    }
  }

  private boolean beginDelivering() {
    woken = false;
    if (delivering) {
      return false;
    }
    delivering = true;
    asked = false;
    return true;
  }

  private @Nullable Runnable next(boolean room) {
    Runnable signal = signals.poll();
    if (signal != null) {
      return signal;
    }
    T item = !ended && demand > 0 && room ? take() : null;
    if (item == null) {
      if (asked) {
        asked = false;
        return () -> {};
      }
      // Looking for one may have ended it.
      Runnable last = signals.poll();
      delivering = last != null;
      return last;
    }
    demand = demand == Long.MAX_VALUE ? demand : demand - 1;
    return () -> observer.onItem(item);
  }
}
