package dev.tributary.internal;

import dev.tributary.SubscriptionState;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
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

  /** How long the source is kept waiting for a listener. */
  private static final Duration HAND_OVER = Duration.ofSeconds(3);

  /** After so many items others get the thread. */
  private static final int BURST = 1024;

  /** So many items, or items of so many bytes, are taken off the buffer at once. */
  private static final int COUNTED_TOGETHER = 16;
  private static final long COUNTED_BYTES = 64 << 10;

  private final SourcePublisher<S, T> publisher;
  private final Calls calls;
  private final StateListener state;
  private final Open.Closer closer = this::closeWithClient;
  private final int batch;
  /** Items, and what is told in order with them; guarded by {@link #queue}, under which {@link #run} takes all at once. */
  private ArrayDeque<Object> arrived = new ArrayDeque<>();
  private final Object queue = new Object();
  private final Buffer.Share share;
  private final AtomicLong demand = new AtomicLong();
  /** What has happened since {@link #run} looked; begins at 1, so that nothing runs before {@link #start} is through. */
  private final AtomicInteger events = new AtomicInteger(1);
  /** Ends it at once, before what still waits: an error, or {@link #CANCELLED}. */
  private final AtomicReference<@Nullable Throwable> stop = new AtomicReference<>();
  private final AtomicReference<@Nullable Source> source = new AtomicReference<>();
  /** There is room again, which the source does not know. */
  private volatile boolean roomReturned;
  /** Of what the user was told that it goes before it went. Of the source's calls. */
  private final Set<Integer> leaving = new HashSet<>();
  /** More follows at once. Of the source's calls. */
  private boolean inBurst;
  private volatile boolean ended;
  private @Nullable TributaryException endError;

  // Of the thread in run().
  private Flow.@Nullable Subscriber<? super T> subscriber;
  private ArrayDeque<Object> taken = new ArrayDeque<>();
  private int underWay;
  /** What was handed over and still counts: a few items are counted at a time. */
  private int handed;
  private long handedBytes;
  /** Deals with an item that could not be decoded; the others wait. */
  private @Nullable CompletableFuture<Void> settling;

  /** The reason to stop of a subscriber that cancelled: they hear nothing more. */
  private static final Throwable CANCELLED = new CancellationException("cancelled");

  SourceSubscription(SourcePublisher<S, T> publisher, Flow.Subscriber<? super T> subscriber) {
    this.publisher = publisher;
    this.calls = publisher.calls();
    this.subscriber = subscriber;
    this.state = new StateListener(calls, publisher.listener().onState());
    this.share =
        calls
            .buffer()
            .share(
                publisher.windowBytes(),
                () -> {
                  roomReturned = true;
                  schedule();
                });
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
      stop(located(Steps.known(refused)));
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
    share.add(publisher.size().applyAsLong(item));
    arrived(item);
  }

  @Override
  public long room() {
    return share.room();
  }

  @Override
  public void onAssigned(Set<Integer> partitions) {
    arrived(new Told(() -> publisher.listener().onAssigned().accept(partitions), new CompletableFuture<>()));
  }

  @Override
  public CompletableFuture<Void> onRevoking(Set<Integer> partitions) {
    leaving.addAll(partitions);
    CompletableFuture<Void> told = new CompletableFuture<>();
    TimeSource.Timer bound = calls.time().schedule(HAND_OVER, () -> told.complete(null));
    told.whenComplete((done, error) -> bound.cancel());
    arrived(new Told(() -> publisher.listener().onRevoked().accept(partitions), told));
    return told;
  }

  @Override
  public void onRevoked(Set<Integer> partitions) {
    Set<Integer> untold = new HashSet<>(partitions);
    untold.removeAll(leaving);
    leaving.removeAll(partitions);
    if (!untold.isEmpty()) {
      arrived(new Told(() -> publisher.listener().onRevoked().accept(untold), new CompletableFuture<>()));
    }
  }

  @Override
  public void onBurst(Runnable burst) {
    boolean within = inBurst;
    inBurst = true;
    try {
      burst.run();
    } finally {
      inBurst = within;
      if (!within) {
        schedule();
      }
    }
  }

  private void arrived(Object what) {
    synchronized (queue) {
      arrived.add(what);
    }
    if (!inBurst) {
      schedule();
    }
  }

  /** The next that arrived; null if nothing is left. */
  private @Nullable Object peek() {
    if (taken.isEmpty()) {
      synchronized (queue) {
        ArrayDeque<Object> all = arrived;
        arrived = taken;
        taken = all;
      }
    }
    return taken.peek();
  }

  /** What a listener is told in order with the items. */
  private record Told(Runnable listener, CompletableFuture<Void> done) {}

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
        if (!settled()) {
          break;
        }
        boolean last = ended;
        S item = nextItem();
        if (item == null && last) {
          finish(user, endError, true);
          break;
        }
        if (item == null || given >= wanted || burst >= BURST) {
          break;
        }
        taken.remove();
        underWay--;
        leaves(item);
        given += hand(user, item) ? 1 : 0;
        burst++;
        if (publisher.ahead() && publisher.window() - underWay >= batch) {
          replenish();
        }
      }
      count();
      if (subscriber == null) {
        discard();
      } else if (burst > 0) {
        if (wanted != Long.MAX_VALUE) {
          demand.addAndGet(-given);
        }
        // If these were the last that were asked for, nothing else happens that would.
        replenish();
      }
      share.tell();
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

  /** The next item, which stays; what comes before it is told. Null if there is none. */
  private @Nullable S nextItem() {
    Object next = peek();
    while (next instanceof Told told) {
      taken.remove();
      try {
        told.listener().run();
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.ERROR, "A listener of " + publisher.resource() + " threw", thrown);
      }
      told.done().complete(null);
      next = peek();
    }
    @SuppressWarnings("unchecked") // nothing else arrives
    S item = (S) next;
    return item;
  }

  /** Gives back what nobody takes any more. Others may add while this runs, and then it runs again. */
  private void discard() {
    for (Object next = peek(); next != null; next = peek()) {
      taken.remove();
      if (next instanceof Told told) {
        told.done().complete(null);
      } else {
        @SuppressWarnings("unchecked") // nothing else is added
        S item = (S) next;
        leaves(item);
        publisher.discard().accept(item);
      }
    }
    count();
  }

  /** It holds nothing here any more; counted with others, for those who count what arrives are on another thread. */
  private void leaves(S item) {
    handed++;
    handedBytes += publisher.size().applyAsLong(item);
    if (handed == COUNTED_TOGETHER || handedBytes >= COUNTED_BYTES) {
      count();
    }
  }

  private void count() {
    if (handed > 0) {
      share.remove(handed, handedBytes);
      handed = 0;
      handedBytes = 0;
    }
  }

  /** Whether no item that could not be decoded holds up the others; if it cannot be dealt with, this ends. */
  private boolean settled() {
    CompletableFuture<Void> waiting = settling;
    if (waiting == null) {
      return true;
    }
    if (!waiting.isDone()) {
      return false;
    }
    settling = null;
    try {
      waiting.join();
    } catch (Throwable failed) {
      stop(located(Steps.known(Steps.unwrap(failed))));
      return false;
    }
    return true;
  }

  /** Whether the user got it. */
  private boolean hand(Flow.Subscriber<? super T> user, S item) {
    T value;
    try {
      value = publisher.decode().apply(item);
    } catch (Throwable undecodable) {
      settle(item, undecodable);
      return false;
    }
    try {
      user.onNext(value);
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.ERROR, "A subscriber of " + publisher.resource() + " threw in onNext; its subscription ends", thrown);
      stop(CANCELLED);
    }
    return true;
  }

  private void settle(S item, Throwable why) {
    CompletableFuture<Void> dealing;
    try {
      dealing = publisher.undecodable().apply(item, why);
    } catch (Throwable thrown) {
      dealing = CompletableFuture.failedFuture(thrown);
    }
    settling = dealing;
    if (!dealing.isDone()) {
      dealing.whenComplete((done, error) -> schedule());
    }
  }

  /** Asks the source for what the window allows. */
  private void replenish() {
    Source opened = source.get();
    if (opened == null || ended || stop.get() != null) {
      return;
    }
    count();
    long target = publisher.ahead() ? publisher.window() : Math.min(demand.get(), publisher.window());
    long more = target - underWay;
    // A full window is asked for in batches, a demand as it is.
    if (more >= (target == publisher.window() ? batch : 1)) {
      underWay += (int) more;
      roomReturned = false;
      opened.request(more);
    } else if (roomReturned) {
      roomReturned = false;
      opened.request(0);
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
