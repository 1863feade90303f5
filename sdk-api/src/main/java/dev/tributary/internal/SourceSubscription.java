package dev.tributary.internal;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber and its source. Whatever happens schedules {@link #run}, which is one task for a burst of items, never runs twice
 * at a time, and is the only place that signals the subscriber.
 */
final class SourceSubscription<S, T> implements Flow.Subscription, SourceObserver<S>, Runnable {
  private static final System.Logger LOG = System.getLogger("dev.tributary.subscription");

  /** After so many items others get the thread. */
  private static final int BURST = 1024;

  private final SourcePublisher<S, T> publisher;
  private final Calls calls;
  private final StateListener state;
  private final Open.Closer closer = this::closeWithClient;
  private final int batch;
  private final Queue<S> items = new ConcurrentLinkedQueue<>();
  private final AtomicLong demand = new AtomicLong();
  /** What has happened since {@link #run} looked; begins at 1, so that nothing runs before {@link #start} is through. */
  private final AtomicInteger events = new AtomicInteger(1);
  /** Ends it at once, before what still waits: an error, or {@link #CANCELLED}. */
  private final AtomicReference<@Nullable Throwable> stop = new AtomicReference<>();
  private final AtomicReference<@Nullable Source> source = new AtomicReference<>();
  private volatile boolean ended;
  private @Nullable TributaryException endError;

  // Of the thread in run().
  private Flow.@Nullable Subscriber<? super T> subscriber;
  private int underWay;

  /** The reason to stop of a subscriber that cancelled: they hear nothing more. */
  private static final Throwable CANCELLED = new CancellationException("cancelled");

  SourceSubscription(SourcePublisher<S, T> publisher, Flow.Subscriber<? super T> subscriber) {
    this.publisher = publisher;
    this.calls = publisher.calls();
    this.subscriber = subscriber;
    this.state = new StateListener(calls, publisher.onState());
    this.batch = publisher.window() - publisher.window() / 2;
  }

  void start() {
    Flow.Subscriber<? super T> user = subscriber;
    try {
      if (user != null) {
        user.onSubscribe(this);
      }
      if (stop.get() == null) {
        open();
      }
    } catch (RuntimeException thrown) {
      LOG.log(System.Logger.Level.ERROR, "A subscriber of " + publisher.resource() + " threw in onSubscribe", thrown);
      stop(CANCELLED);
    }
    calls.callback(this);
  }

  private void open() {
    if (!calls.open().add(closer)) {
      stop(located(calls.closedError()));
      return;
    }
    try {
      source.set(publisher.open().apply(this));
    } catch (RuntimeException refused) {
      stop(located(Faults.of(refused)));
      return;
    }
    if (stop.get() != null) {
      closeSource();
    }
  }

  private TributaryException located(TributaryException error) {
    return error.at(calls.transport().backend(), publisher.operation(), publisher.resource().toString());
  }

  // What the subscriber says.

  @Override
  public void request(long n) {
    if (n <= 0) {
      stop(new IllegalArgumentException("request(" + n + "): demand is positive (Reactive Streams 3.9)"));
      return;
    }
    demand.accumulateAndGet(n, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
    schedule();
  }

  @Override
  public void cancel() {
    stop(CANCELLED);
  }

  // What the source says.

  @Override
  public void onItem(S item) {
    items.add(item);
    schedule();
  }

  @Override
  public void onState(SubscriptionState now) {
    state.change(now);
  }

  @Override
  public void onEnd(@Nullable TributaryException error) {
    endError = error == null ? null : located(error);
    ended = true;
    schedule();
  }

  // What the client says.

  private CompletableFuture<Void> closeWithClient(Duration within) {
    stop(located(calls.closedError()));
    Source opened = source.get();
    return opened == null ? CompletableFuture.completedFuture(null) : opened.close();
  }

  private void stop(Throwable why) {
    if (stop.compareAndSet(null, why)) {
      closeSource();
      schedule();
    }
  }

  private void closeSource() {
    Source opened = source.get();
    if (opened != null) {
      opened
          .close()
          .whenComplete(
              (closed, error) -> {
                if (error != null) {
                  LOG.log(System.Logger.Level.WARNING, "The source of " + publisher.resource() + " did not close well", error);
                }
              });
    }
  }

  private void schedule() {
    if (events.getAndIncrement() == 0) {
      calls.callback(this);
    }
  }

  @Override
  public void run() {
    int seen = events.get();
    int burst = 0;
    while (true) {
      replenish();
      long wanted = demand.get();
      long given = 0;
      for (Flow.Subscriber<? super T> user = subscriber; user != null; user = subscriber) {
        Throwable why = stop.get();
        if (why != null) {
          finish(user, why == CANCELLED ? null : why, why != CANCELLED);
          break;
        }
        boolean last = ended;
        if (items.isEmpty() && last) {
          finish(user, endError, true);
          break;
        }
        S item = given < wanted && burst < BURST ? items.poll() : null;
        if (item == null) {
          break;
        }
        underWay--;
        hand(user, item);
        given++;
        burst++;
        if (publisher.ahead() && publisher.window() - underWay >= batch) {
          replenish();
        }
      }
      if (subscriber == null) {
        items.forEach(publisher.discard());
        items.clear();
      } else if (given > 0) {
        if (wanted != Long.MAX_VALUE) {
          demand.addAndGet(-given);
        }
        // If these were the last that were asked for, nothing else happens that would.
        replenish();
      }
      if (burst >= BURST && subscriber != null) {
        calls.callback(this);
        return;
      }
      seen = events.addAndGet(-seen);
      if (seen == 0) {
        return;
      }
    }
  }

  private void hand(Flow.Subscriber<? super T> user, S item) {
    T value;
    try {
      value = publisher.decode().apply(item);
    } catch (Throwable undecodable) {
      publisher.discard().accept(item);
      stop(located(Faults.of(undecodable)));
      return;
    }
    try {
      user.onNext(value);
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.ERROR, "A subscriber of " + publisher.resource() + " threw in onNext; its subscription ends", thrown);
      stop(CANCELLED);
    }
  }

  /** Asks the source for what the window allows. */
  private void replenish() {
    Source opened = source.get();
    if (opened == null || ended || stop.get() != null) {
      return;
    }
    long target = publisher.ahead() ? publisher.window() : Math.min(demand.get(), publisher.window());
    long more = target - underWay;
    // A full window is asked for in batches, a demand as it is.
    if (more >= (target == publisher.window() ? batch : 1)) {
      underWay += (int) more;
      opened.request(more);
    }
  }

  private void finish(Flow.Subscriber<? super T> user, @Nullable Throwable why, boolean tell) {
    subscriber = null;
    calls.open().remove(closer);
    try {
      if (why != null) {
        user.onError(why);
      } else if (tell) {
        user.onComplete();
      }
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.ERROR, "A subscriber of " + publisher.resource() + " threw in its last signal", thrown);
    }
    state.change(SubscriptionState.CLOSED);
  }
}
