package dev.tributary.nats;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Backoff;
import dev.tributary.nats.client.Link;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.client.Turns;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The part of a source that is the same whatever it reads: demand, states, pauses between tries, resuming as often as it takes, one end. A subclass makes
 * sessions, each on one connection: it goes on where delivery stopped, until it fails or is stopped. All state belongs to its turns, where the observer
 * is called too.
 */
abstract class Resuming<T> implements Source {
  private static final Logger LOG = System.getLogger("dev.tributary.net");

  final NatsCaller caller;
  final Turns turns = new Turns();
  final SourceObserver<T> observer;
  private final Backoff backoff;
  private final ArrayDeque<T> arrived = new ArrayDeque<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private SubscriptionState state = SubscriptionState.CONNECTING;
  private TimeSource.@Nullable Timer pause;
  private @Nullable CompletableFuture<Link> linking;
  private @Nullable Link link;
  private Runnable whenOver = () -> {};
  private long demand;
  private int session;
  private boolean stopped;
  private boolean delivering;

  /** Not started yet. */
  Resuming(NatsCaller caller, SourceObserver<T> observer) {
    this.caller = caller;
    this.observer = observer;
    this.backoff = new Backoff(caller.config().retry());
  }

  /** Begins a session from where delivery stopped. Whatever it reports carries this number, so that late news of a former one is ignored. */
  abstract void begin(int session, Link link);

  /** Ends what the session has under way; {@code last} if none follows. Completes when nothing of it is left. */
  abstract CompletableFuture<Void> stop(boolean last);

  /** This one goes to the observer now: the next session reads on behind it. */
  abstract void delivered(T item);

  /** There may be room for more. */
  abstract void wanted();

  /** Removes it from what its transport must close. */
  abstract void over();

  /** Starts the first session. */
  final void start() {
    turns.run(this::next);
  }

  @Override
  public final void request(long n) {
    turns.run(
        () -> {
          demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
          deliver();
        });
  }

  @Override
  public final CompletableFuture<Void> close() {
    turns.run(() -> end(null));
    return closed;
  }

  /** Ends it because of this. */
  final CompletableFuture<Void> close(TributaryException reason) {
    turns.run(() -> end(reason));
    return closed;
  }

  /** Whether this session is still the one that counts. */
  final boolean current(int number) {
    return number == session && !stopped;
  }

  final int session() {
    return session;
  }

  final boolean ended() {
    return stopped;
  }

  /** How many items were asked for and are not here yet. */
  final long room() {
    return Math.max(0, demand - arrived.size());
  }

  /** Drops what is here and not delivered, as far as this holds: it is not for this source any more, or is read again. */
  final void drop(Predicate<? super T> which) {
    arrived.removeIf(which);
  }

  /** It works: the next failure begins with a short pause again. */
  final void works(int number) {
    if (current(number)) {
      backoff.reset();
      state(SubscriptionState.LIVE);
    }
  }

  /** One more item, in order. */
  final void arrived(int number, T item) {
    if (current(number)) {
      arrived.add(item);
      deliver();
    }
  }

  /** Goes on in a turn when this is there, if the session still counts; what fails it fails the session. */
  final <R> void ask(int number, CompletableFuture<R> question, Consumer<? super R> then) {
    question.whenComplete(
        (result, error) ->
            turns.run(
                () -> {
                  if (!current(number)) {
                    return;
                  }
                  try {
                    if (error != null) {
                      throw Steps.known(error);
                    }
                    then.accept(result);
                  } catch (Throwable failed) {
                    failed(number, Steps.known(failed));
                  }
                }));
  }

  /** The session failed: another follows after a pause, if that can help. */
  final void failed(int number, TributaryException error) {
    if (!current(number)) {
      return;
    }
    if (!caller.passes(error)) {
      end(error);
      return;
    }
    halt(false);
    state(state == SubscriptionState.CONNECTING ? SubscriptionState.CONNECTING : SubscriptionState.RECONNECTING);
    int halted = session;
    pause = caller.time().schedule(backoff.next(), () -> turns.run(() -> resume(halted)));
  }

  private void resume(int halted) {
    if (current(halted)) {
      next();
    }
  }

  /** Ends it for good. */
  final void end(@Nullable TributaryException error) {
    if (stopped) {
      return;
    }
    stopped = true;
    halt(true).whenComplete((nothing, left) -> turns.run(() -> finished(error)));
  }

  private void finished(@Nullable TributaryException error) {
    try {
      over();
      observer.onEnd(error);
    } finally {
      closed.complete(null);
    }
  }

  private void next() {
    if (stopped) {
      return;
    }
    pause = null;
    session++;
    int mine = session;
    CompletableFuture<Link> connected = caller.link();
    linking = connected;
    ask(
        mine,
        connected,
        there -> {
          link = there;
          whenOver = () -> turns.run(() -> failed(mine, NatsCaller.broken()));
          there.whenOver(whenOver);
          if (current(mine)) {
            begin(mine, there);
          }
        });
  }

  /** Leaves the session. What arrived and was not delivered is dropped: the next session reads it again. */
  private CompletableFuture<Void> halt(boolean last) {
    session++;
    arrived.clear();
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
    if (linking != null) {
      linking.cancel(false);
      linking = null;
    }
    if (link != null) {
      link.forget(whenOver);
      link = null;
    }
    return stop(last);
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
    if (delivering || stopped) {
      return;
    }
    delivering = true;
    try {
      while (!stopped && demand > 0 && !arrived.isEmpty() && observer.room() > 0) {
        T item = arrived.remove();
        demand--;
        delivered(item);
        hand(item);
      }
    } finally {
      delivering = false;
    }
    if (!stopped) {
      wanted();
    }
  }
}
