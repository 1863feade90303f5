package dev.tributary.vertx.internal.source;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Backoff;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The part of a source that is the same for every backend: demand, states, pauses between tries, resuming as often as it takes, one end. A
 * subclass makes sessions: each reads on from where delivery stopped, until it fails or is stopped. All state belongs to one event loop;
 * the observer is called there.
 */
public abstract class ResumingSource<T> implements Source {
  private static final Logger LOG = System.getLogger("dev.tributary.net");

  /** The event loop of everything here. */
  protected final ContextInternal loop;

  private final Network network;
  private final Backoff backoff;
  private final SourceObserver<T> observer;
  private final ArrayDeque<T> arrived = new ArrayDeque<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private SubscriptionState state = SubscriptionState.CONNECTING;
  private TimeSource.@Nullable Timer pause;
  private long demand;
  private int session;
  private boolean stopped;
  private boolean delivering;

  /** Not started yet. */
  protected ResumingSource(ContextInternal loop, Network network, SourceObserver<T> observer) {
    this.loop = loop;
    this.network = network;
    this.backoff = new Backoff(network.config().retry());
    this.observer = observer;
  }

  /** Begins a session from where delivery stopped. Whatever it reports carries this number, so that late news of a former one is ignored. */
  protected abstract void begin(int session);

  /**
   * Ends what the session has under way.
   *
   * @return completes on the event loop when nothing of it is left
   */
  protected abstract CompletableFuture<Void> stop();

  /** This one goes to the observer now: the next session reads on behind it. */
  protected abstract void delivered(T item);

  /** There is room for more, as {@link #room} says. */
  protected abstract void wanted();

  /** Removes it from what its transport must close. */
  protected abstract void over();

  /** Starts the first session. */
  public final void start() {
    if (!OnLoop.run(loop, this, self -> self.next())) {
      finished(Network.closedError(false));
    }
  }

  @Override
  public final void request(long n) {
    if (closed.isDone()) {
      return; // Its event loop may have ended too.
    }
    OnLoop.run(
        loop,
        n,
        more -> {
          demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
          deliver();
        });
  }

  @Override
  public final CompletableFuture<Void> close() {
    if (!closed.isDone() && !OnLoop.run(loop, this, self -> self.end(null))) {
      finished(null);
    }
    return closed;
  }

  /** Ends it because of this. */
  public final void close(TributaryException reason) {
    if (!closed.isDone() && !OnLoop.run(loop, reason, this::end)) {
      finished(reason);
    }
  }

  /** The observer. */
  protected final SourceObserver<T> observer() {
    return observer;
  }

  /** Whether this session is still the one that counts. */
  protected final boolean current(int number) {
    return number == session && !stopped;
  }

  /** The session that counts now. */
  protected final int session() {
    return session;
  }

  /** How many items were asked for and are not here yet. */
  protected final long room() {
    return Math.max(0, demand - arrived.size());
  }

  /** How many items are here and not delivered yet. */
  protected final int held() {
    return arrived.size();
  }

  /** Drops what is here and not delivered, as far as this holds: it is not for this source any more, or is read again. */
  protected final void drop(Predicate<? super T> which) {
    arrived.removeIf(which);
  }

  /** Whether it has ended, or is about to: no session follows. */
  protected final boolean ended() {
    return stopped;
  }

  /** It works: the next failure begins with a short pause again. */
  protected final void works(int number) {
    if (current(number)) {
      backoff.reset();
      live(number);
    }
  }

  /** It seems to work. */
  protected final void live(int number) {
    if (current(number)) {
      state(SubscriptionState.LIVE);
    }
  }

  /** One more item, in order. */
  protected final void arrived(int number, T item) {
    if (current(number)) {
      arrived.add(item);
      deliver();
    }
  }

  /** The session failed: another follows after a pause, if that can help. */
  protected final void failed(int number, TributaryException error) {
    if (!current(number)) {
      return;
    }
    if (!network.passes(error)) {
      end(error);
      return;
    }
    halt();
    state(state == SubscriptionState.CONNECTING ? SubscriptionState.CONNECTING : SubscriptionState.RECONNECTING);
    if (!stopped) {
      int halted = session;
      pause =
          LoopTimer.after(
              network.time(),
              loop,
              backoff.next(),
              () -> {
                if (current(halted)) {
                  next();
                }
              });
    }
  }

  /** Ends it for good. */
  protected final void end(@Nullable TributaryException error) {
    if (stopped) {
      return;
    }
    stopped = true;
    halt().whenComplete((nothing, left) -> finished(error));
  }

  /** Nothing of it is left, or its event loop is gone. */
  private void finished(@Nullable TributaryException error) {
    try {
      over();
      observer.onEnd(error);
    } finally {
      closed.complete(null);
    }
  }

  private void next() {
    if (!stopped) {
      pause = null;
      session++;
      begin(session);
    }
  }

  /** Leaves the session. What arrived and was not delivered is dropped: the next session reads it again. */
  private CompletableFuture<Void> halt() {
    session++;
    arrived.clear();
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
    return stop();
  }

  private void state(SubscriptionState now) {
    if (state != now && !stopped) {
      state = now;
      observer.onState(now);
    }
  }

  /** What an observer throws is its own affair: the next item is another matter. */
  private void hand(T item) {
    try {
      observer.onItem(item);
    } catch (Throwable thrown) {
      LOG.log(Level.WARNING, "an observer of a source failed", thrown);
    }
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      if (arrived.size() > 1) {
        observer.onBurst(this::handOver);
      } else {
        handOver();
      }
    } finally {
      delivering = false;
    }
    if (!stopped) {
      wanted();
    }
  }

  private void handOver() {
    while (!stopped && demand > 0 && !arrived.isEmpty() && observer.room() > 0) {
      T item = arrived.remove();
      demand--;
      delivered(item);
      hand(item);
    }
  }
}
