package dev.tributary.internal.stream;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Batch;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Open;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The events of a source on their way into the stream, and the subscriber that gets their positions. Whatever happens schedules {@link #run}, which
 * never runs twice at a time, and is the only place that publishes, asks or cancels the source, and signals the subscriber.
 *
 * <p>An event is asked for when its position is wanted and there is room for it. So no position ever waits for demand.
 */
final class Inflow<T> implements Flow.Subscription, Flow.Subscriber<Event<T>>, Runnable {
  private static final System.Logger LOG = System.getLogger("dev.tributary.subscription");

  /** Most events asked for at a time: so many may turn out larger than those before them. */
  private static final int PORTION = 64;

  /** After so many turns others get the thread. */
  private static final int TURNS = 16;

  /** The reason to stop of a subscriber that cancelled: they hear nothing more. */
  private static final Throwable CANCELLED = new CancellationException("cancelled");

  /** In place of the source's subscription when nothing more is wanted of it. */
  private static final Flow.Subscription OVER =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private final Calls calls;
  private final ResourceName name;
  private final Flow.Publisher<? extends Event<T>> source;
  private final Supplier<BatchingPublisher<T>> publishers;
  private final int most;
  private final Open.Closer closer =
      within -> {
        stop(closedError());
        return CompletableFuture.completedFuture(null);
      };

  private final AtomicReference<Flow.@Nullable Subscription> upstream = new AtomicReference<>();
  private final Queue<Event<T>> arrived = new ConcurrentLinkedQueue<>();
  /** Asked of the source and not arrived. */
  private final AtomicLong awaited = new AtomicLong();
  /** Positions that are wanted, without those whose events were asked for. */
  private final AtomicLong demand = new AtomicLong();
  /** What has happened since {@link #run} looked; begins at 1, so that nothing runs before {@link #start} is through. */
  private final AtomicInteger events = new AtomicInteger(1);
  /** Why no further event is taken: an error, or {@link #CANCELLED}. */
  private final AtomicReference<@Nullable Throwable> stop = new AtomicReference<>();
  private volatile boolean sourceEnded;
  private @Nullable Throwable sourceError;

  // Of the thread in run().
  private Flow.@Nullable Subscriber<? super Position> subscriber;
  private @Nullable BatchingPublisher<T> publisher;
  /** Asked of the source and not published. */
  private int asked;
  /** Published, in order; their positions are told in this order. */
  private final ArrayDeque<CompletableFuture<Position>> placed = new ArrayDeque<>();
  /** What became of the first event that failed and of all behind it; empty if none did. */
  private final List<Outcome<Position>> outcomes = new ArrayList<>();
  private boolean closing;

  Inflow(
      Calls calls,
      ResourceName name,
      Flow.Publisher<? extends Event<T>> source,
      Supplier<BatchingPublisher<T>> publishers,
      PublisherOptions options,
      Flow.Subscriber<? super Position> subscriber) {
    this.calls = calls;
    this.name = name;
    this.source = source;
    this.publishers = publishers;
    this.most = options.maxInFlightEvents();
    this.subscriber = subscriber;
  }

  void start() {
    Flow.Subscriber<? super Position> user = Objects.requireNonNull(subscriber);
    try {
      user.onSubscribe(this);
    } catch (RuntimeException thrown) {
      LOG.log(System.Logger.Level.ERROR, "A subscriber of positions in " + name + " threw in onSubscribe", thrown);
      stop(CANCELLED);
    }
    if (stop.get() == null) {
      open();
    }
    calls.callback(this);
  }

  private void open() {
    try {
      publisher = publishers.get();
      if (calls.open().add(closer)) {
        source.subscribe(this);
      } else {
        stop(closedError());
      }
    } catch (RuntimeException refused) {
      stop(refused);
    }
  }

  private TributaryException closedError() {
    return calls.closedError().at(calls.transport().backend(), "publish", name.toString());
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
  public void onSubscribe(Flow.Subscription offered) {
    Objects.requireNonNull(offered, "subscription");
    if (upstream.compareAndSet(null, offered)) {
      schedule();
    } else {
      offered.cancel();
    }
  }

  @Override
  public void onNext(Event<T> event) {
    Objects.requireNonNull(event, "event");
    if (awaited.decrementAndGet() < 0) {
      stop(
          InvalidRequestException.of("the source of events gave more than it was asked for", "Use one that heeds request(n)")
              .at(calls.transport().backend(), "publish", name.toString()));
      return;
    }
    arrived.add(event);
    schedule();
  }

  @Override
  public void onError(Throwable error) {
    sourceError = Objects.requireNonNull(error, "error");
    onComplete();
  }

  @Override
  public void onComplete() {
    sourceEnded = true;
    schedule();
  }

  private void stop(Throwable why) {
    if (stop.compareAndSet(null, why)) {
      schedule();
    }
  }

  private void schedule() {
    if (events.getAndIncrement() == 0) {
      calls.callback(this);
    }
  }

  @Override
  public void run() {
    for (int turn = 0; turn < TURNS; turn++) {
      int seen = events.get();
      step();
      if (events.addAndGet(-seen) == 0) {
        return;
      }
    }
    calls.callback(this);
  }

  private void step() {
    boolean last = sourceEnded;
    Throwable why = stop.get();
    if (why != null) {
      takeNoMore();
    }
    if (why == CANCELLED) {
      withdraw();
      end(null, false);
    }
    publish();
    deliver();
    if (subscriber == null) {
      return;
    }
    if (last && arrived.isEmpty()) {
      takeNoMore();
    }
    if (!closing) {
      ask();
    } else if (placed.isEmpty()) {
      Throwable reason = why == null ? sourceError : why;
      end(outcomes.isEmpty() ? reason : Batch.failure(outcomes), true);
    }
  }

  /** What is with the publisher is sent; nothing else will be. */
  private void takeNoMore() {
    Flow.Subscription from = upstream.getAndSet(OVER);
    if (from != null && !sourceEnded) {
      from.cancel();
    }
    arrived.clear();
    if (!closing) {
      closing = true;
      calls.open().remove(closer);
      if (publisher != null) {
        publisher.closeAsync(calls.config().timeout());
      }
    }
  }

  /** What is not on the wire yet stays here. */
  private void withdraw() {
    placed.forEach(position -> position.cancel(false));
  }

  private void publish() {
    BatchingPublisher<T> to = publisher;
    while (to != null && !closing && !arrived.isEmpty() && to.room() > 0) {
      CompletableFuture<Position> position = to.publish(arrived.remove());
      asked--;
      placed.addLast(position);
      position.whenComplete((done, error) -> schedule());
    }
  }

  private void deliver() {
    Flow.Subscriber<? super Position> user = subscriber;
    while (user != null && !placed.isEmpty() && placed.getFirst().isDone()) {
      Outcome<Position> outcome = outcome(placed.removeFirst());
      if (!outcomes.isEmpty()) {
        outcomes.add(outcome);
      } else if (!outcome.succeeded()) {
        outcomes.add(outcome);
        takeNoMore();
        withdraw();
      } else {
        try {
          user.onNext(outcome.orThrow());
        } catch (RuntimeException thrown) {
          LOG.log(System.Logger.Level.ERROR, "A subscriber of positions in " + name + " threw in onNext; nothing more is published", thrown);
          stop(CANCELLED);
          return;
        }
      }
    }
  }

  private Outcome<Position> outcome(CompletableFuture<Position> position) {
    try {
      return Outcome.of(position.join());
    } catch (CancellationException withdrawn) {
      return Outcome.failed(
          new ConnectionFailedException(
              ErrorInfo.of("not sent, because an earlier event failed", "Send it again").causedBy(outcomes.get(0).error())));
    } catch (RuntimeException failed) {
      return Outcome.failed(Steps.known(Steps.unwrap(failed)));
    }
  }

  private void ask() {
    Flow.Subscription from = upstream.get();
    BatchingPublisher<T> to = publisher;
    if (from == null || to == null) {
      return;
    }
    int free = Math.min(most - placed.size(), Math.min(to.room(), PORTION)) - asked;
    int more = (int) Math.min(demand.get(), free);
    // By single events only where there is no room or no demand for many.
    if (more > 0 && (asked == 0 || more >= PORTION / 2)) {
      demand.accumulateAndGet(more, (had, less) -> had == Long.MAX_VALUE ? had : had - less);
      asked += more;
      awaited.addAndGet(more);
      try {
        from.request(more);
      } catch (RuntimeException thrown) {
        stop(thrown);
      }
    }
  }

  private void end(@Nullable Throwable why, boolean tell) {
    Flow.Subscriber<? super Position> user = subscriber;
    subscriber = null;
    placed.clear();
    if (user == null || !tell) {
      return;
    }
    try {
      if (why != null) {
        user.onError(why);
      } else {
        user.onComplete();
      }
    } catch (RuntimeException thrown) {
      LOG.log(System.Logger.Level.ERROR, "A subscriber of positions in " + name + " threw in its last signal", thrown);
    }
  }
}
