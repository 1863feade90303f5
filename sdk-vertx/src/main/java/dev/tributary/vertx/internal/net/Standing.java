package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.config.Retry;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Backoff;
import dev.tributary.spi.TimeSource;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How one endpoint stands with this client, and the gate before it. All who want a connection to it come here, however many they are: as
 * long as it works they connect at once. After a failure one of them tries, once the pause is over, and the others wait for what becomes of
 * it. Thread-safe; never calls anybody under its lock.
 */
public final class Standing {
  private static final Logger LOG = System.getLogger("dev.tributary.net");
  private static final String SILENT = "nothing arrives from it any more";
  /** However long calls may pause: who waits for an endpoint that is back should not wait for long. */
  private static final Duration MOST = Duration.ofSeconds(5);

  public final Endpoint endpoint;
  private final TimeSource time;
  private final Consumer<Standing> onBack;
  private final Backoff backoff;
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  /** Whether something was ever heard from it. */
  private boolean proven;
  /** Whether somebody connects or has connected who asked nothing before, as the first of all does. */
  private boolean begun;
  private boolean failing;
  private boolean trying;
  private long retryAt;
  private long connections;
  private long connectionsAtFailure;
  private @Nullable TributaryException verdict;
  /** Whether the log says that it fails. */
  private boolean told;
  private TimeSource.@Nullable Timer timer;

  /** Who wants a connection. Hears one of these for each {@link #enter}, on any thread. */
  interface Waiter {
    /**
     * It may connect now.
     *
     * @param trial whether all wait for what becomes of it: then a harmless question comes before all else, and {@link #passed},
     *     {@link #failed} or {@link #works} must follow
     */
    void dial(boolean trial);

    /** The one who tried could not reach it. */
    void refused(TributaryException error);

    /** Another endpoint works again: which one to use may be thought over. */
    void reconsider();
  }

  /**
   * Of an endpoint that nothing is known of.
   *
   * @param onBack told when it works again
   */
  Standing(Endpoint endpoint, Retry retry, TimeSource time, Consumer<Standing> onBack) {
    this.endpoint = endpoint;
    this.time = time;
    this.onBack = onBack;
    this.backoff = new Backoff(retry, MOST);
  }

  /** Wants a connection. */
  void enter(Waiter waiter) {
    boolean atOnce;
    TributaryException hopeless = null;
    synchronized (this) {
      atOnce = !failing && (proven || !begun);
      begun |= atOnce;
      if (!atOnce && failing && !trying && retryAt - time.nanos() > 0) {
        hopeless = verdict;
      }
      if (!atOnce && hopeless == null) {
        waiting.add(waiter);
      }
    }
    if (atOnce) {
      waiter.dial(false);
    } else if (hopeless != null) {
      waiter.refused(hopeless);
    } else {
      advance();
    }
  }

  /** Does not want one any more. */
  void leave(Waiter waiter) {
    synchronized (this) {
      waiting.remove(waiter);
      if (waiting.isEmpty()) {
        disarm();
      }
    }
  }

  /** Whose turn it was does not want to try any more. */
  void passed() {
    synchronized (this) {
      trying = false;
    }
    advance();
  }

  private void advance() {
    Waiter next;
    synchronized (this) {
      if (trying || waiting.isEmpty()) {
        return;
      }
      if (failing && retryAt - time.nanos() > 0) {
        if (timer == null) {
          timer = time.scheduleAt(retryAt, this::due);
        }
        return;
      }
      trying = true;
      next = waiting.remove();
    }
    next.dial(true);
  }

  private void due() {
    synchronized (this) {
      timer = null;
    }
    advance();
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** Whether as many connections to it may be made as are wanted. */
  public synchronized boolean works() {
    return proven && !failing;
  }

  /** Nanoseconds until it may be tried: 0 if it works or nothing is known of it, at least 1 if it failed. */
  synchronized long avoidedFor() {
    return failing ? Math.max(1, retryAt - time.nanos()) : 0;
  }

  /** Whether one who comes now is not made to wait. */
  public synchronized boolean open() {
    return !failing || !trying && retryAt - time.nanos() <= 0;
  }

  /** A connection was made, which says little; its number. */
  public synchronized long connected() {
    return ++connections;
  }

  /** Something was heard on the connection of this number. */
  public void heard(long connection) {
    boolean back;
    boolean wasTold;
    List<Waiter> all;
    synchronized (this) {
      if (works() || failing && connection <= connectionsAtFailure) {
        return;
      }
      back = failing;
      wasTold = told;
      told = false;
      proven = true;
      failing = false;
      trying = false;
      verdict = null;
      backoff.reset();
      all = drain();
    }
    if (wasTold) {
      LOG.log(Level.INFO, "{0} answers again", endpoint);
    }
    all.forEach(waiter -> waiter.dial(false));
    if (back) {
      onBack.accept(this);
    }
  }

  /**
   * No connection could be made, or nothing was heard on it.
   *
   * @param trial whether it was the one that all wait for
   */
  public void failed(boolean trial, TributaryException error) {
    List<Waiter> all = List.of();
    synchronized (this) {
      if (trial || !failing) {
        fail();
        // What no second try mends is told to all who come until then.
        verdict = error.retryable() ? null : error;
      }
      if (trial) {
        trying = false;
        all = drain();
      }
    }
    tell(error.getMessage());
    all.forEach(waiter -> waiter.refused(error));
  }

  /** Says once in an outage what is wrong, if it still is. */
  private void tell(String what) {
    synchronized (this) {
      if (!failing || told) {
        return;
      }
      told = true;
    }
    LOG.log(Level.WARNING, "{0} fails, and is tried again while there are calls for it: {1}", endpoint, what);
  }

  /** The connection of this number broke off. Old news if another was made since, or if it is known to fail. */
  public synchronized void broke(long connection) {
    if (!failing && connection >= connections) {
      fail();
    }
  }

  /** Nothing arrives any more on the connection of this number. Old news as with {@link #broke}. */
  public void dead(long connection) {
    broke(connection);
    tell(SILENT);
  }

  /** It says nothing. */
  public void silent() {
    synchronized (this) {
      if (!failing) {
        fail();
      }
    }
    tell(SILENT);
  }

  private void fail() {
    failing = true;
    connectionsAtFailure = connections;
    retryAt = time.nanos() + backoff.nextOfOne().toNanos();
  }

  /** Another endpoint works: nobody should wait for this one. */
  void reconsider() {
    List<Waiter> all;
    synchronized (this) {
      all = drain();
    }
    all.forEach(Waiter::reconsider);
  }

  private List<Waiter> drain() {
    List<Waiter> all = new ArrayList<>(waiting);
    waiting.clear();
    disarm();
    return all;
  }
}
