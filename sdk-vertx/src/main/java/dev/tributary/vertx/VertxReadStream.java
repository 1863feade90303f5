package dev.tributary.vertx;

import dev.tributary.error.InvalidRequestException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Items of a subscription, with real back-pressure: what is not asked for is not taken from the client, and so not from the backend.
 *
 * <p>Subscribes when it gets its handler. Then it flows: a small window of items may be on its way, so up to that many may wait here
 * after a {@link #pause}. By {@code pause} before the handler and {@link #fetch} after it exactly that many are taken. It is over when
 * the subscription ends or fails (one of the end and exception handlers is called, once), at {@link #close} (the end handler is
 * called), or when its handler is set to null (neither is). Handlers are called on the context that was current when the stream was
 * made. Thread-safe.
 */
public final class VertxReadStream<T> implements ReadStream<T> {
  private static final System.Logger LOG = System.getLogger(VertxReadStream.class.getName());

  private final Context context;
  private final int window;
  private final Runnable source;
  private final Consumer<? super T> dropped;

  // All guarded by this.
  private final ArrayDeque<T> waiting = new ArrayDeque<>();
  private long demand = Long.MAX_VALUE;
  private int coming;
  private @Nullable Handler<T> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;
  private Flow.@Nullable Subscription subscription;
  private @Nullable Throwable failure;
  private boolean subscribed;
  private boolean ended;
  private boolean over;
  private boolean delivering;

  /**
   * A stream that is not yet subscribed.
   *
   * @param window how many items may be on their way at most
   * @param dropped is given what came but nobody will handle
   */
  <S> VertxReadStream(
      Context context, int window, Flow.Publisher<S> publisher, Function<? super S, ? extends T> convert, Consumer<? super T> dropped) {
    this.context = context;
    this.window = window;
    this.source = () -> publisher.subscribe(new Intake<S>(convert));
    this.dropped = dropped;
  }

  @Override
  public VertxReadStream<T> handler(@Nullable Handler<T> handler) {
    boolean subscribe;
    synchronized (this) {
      if (handler != null && over) {
        throw InvalidRequestException.of("the stream is over", "Make another one");
      }
      this.handler = handler;
      subscribe = handler != null && !subscribed;
      subscribed |= subscribe;
    }
    if (handler == null) {
      cancel();
    } else if (subscribe) {
      source.run();
    }
    return this;
  }

  @Override
  public synchronized VertxReadStream<T> endHandler(@Nullable Handler<Void> handler) {
    endHandler = handler;
    return this;
  }

  @Override
  public synchronized VertxReadStream<T> exceptionHandler(@Nullable Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }

  @Override
  public synchronized VertxReadStream<T> pause() {
    demand = 0;
    return this;
  }

  @Override
  public VertxReadStream<T> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public VertxReadStream<T> fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("cannot fetch " + amount);
    }
    synchronized (this) {
      demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    }
    proceed();
    return this;
  }

  /** Unsubscribes; the end handler is called unless the stream was over. Items that wait here are dropped, jobs given back. */
  public Future<Void> close() {
    Handler<Void> end;
    synchronized (this) {
      end = over ? null : endHandler;
    }
    cancel();
    if (end != null) {
      context.runOnContext(end);
    }
    return Future.succeededFuture();
  }

  private void cancel() {
    List<T> unhandled;
    Flow.Subscription from;
    synchronized (this) {
      over = true;
      unhandled = List.copyOf(waiting);
      waiting.clear();
      from = subscription;
      subscription = null;
    }
    if (from != null) {
      from.cancel();
    }
    unhandled.forEach(dropped);
  }

  /** Asks for more, and sees to it that what is here is delivered. */
  private void proceed() {
    Flow.Subscription from;
    int ask;
    synchronized (this) {
      from = subscription;
      ask = missing();
      deliverLater();
    }
    ask(from, ask);
  }

  private static void ask(Flow.@Nullable Subscription from, int more) {
    if (from != null && more > 0) {
      from.request(more);
    }
  }

  /** How many more to ask for, which are coming from now on: half a window at least. */
  private int missing() {
    int target = (int) Math.min(demand, window);
    int had = coming + waiting.size();
    if (subscription == null || had > target / 2 || had >= target) {
      return 0;
    }
    coming += target - had;
    return target - had;
  }

  private void deliverLater() {
    if (!delivering && deliverable()) {
      delivering = true;
      context.runOnContext(now -> deliver());
    }
  }

  private boolean deliverable() {
    return !over && (waiting.isEmpty() ? ended : demand > 0);
  }

  /** On the context: hands out what is asked for, then the end. */
  private void deliver() {
    try {
      // No more than a window at a turn: others want the event loop too.
      for (int i = 0; i < window; i++) {
        T item;
        Handler<T> to;
        Flow.Subscription from;
        int ask;
        synchronized (this) {
          if (!deliverable() || waiting.isEmpty()) {
            break;
          }
          item = waiting.remove();
          demand = demand == Long.MAX_VALUE ? demand : demand - 1;
          to = handler;
          from = subscription;
          ask = missing();
        }
        ask(from, ask);
        if (to != null) {
          to.handle(item);
        }
      }
      end();
    } finally {
      // A handler that throws is Vert.x's to report; the stream goes on.
      synchronized (this) {
        delivering = false;
      }
      proceed();
    }
  }

  private void end() {
    Handler<Void> end;
    Handler<Throwable> exception;
    Throwable error;
    synchronized (this) {
      if (over || !ended || !waiting.isEmpty()) {
        return;
      }
      over = true;
      error = failure;
      end = endHandler;
      exception = exceptionHandler;
    }
    if (error == null) {
      if (end != null) {
        end.handle(null);
      }
    } else if (exception != null) {
      exception.handle(error);
    } else {
      LOG.log(System.Logger.Level.WARNING, "A stream without exception handler failed", error);
    }
  }

  /** Where the subscription's signals come in, on any thread. */
  private final class Intake<S> implements Flow.Subscriber<S> {
    private final Function<? super S, ? extends T> convert;

    private Intake(Function<? super S, ? extends T> convert) {
      this.convert = convert;
    }

    @Override
    public void onSubscribe(Flow.Subscription offered) {
      boolean wanted;
      synchronized (VertxReadStream.this) {
        wanted = !over && subscription == null;
        if (wanted) {
          subscription = offered;
        }
      }
      if (wanted) {
        proceed();
      } else {
        offered.cancel();
      }
    }

    @Override
    public void onNext(S item) {
      T converted = convert.apply(item);
      boolean late;
      synchronized (VertxReadStream.this) {
        late = over;
        if (!late) {
          coming--;
          waiting.add(converted);
          deliverLater();
        }
      }
      if (late) {
        dropped.accept(converted);
      }
    }

    @Override
    public void onError(Throwable error) {
      terminate(error);
    }

    @Override
    public void onComplete() {
      terminate(null);
    }

    private void terminate(@Nullable Throwable error) {
      synchronized (VertxReadStream.this) {
        ended = true;
        failure = error;
        subscription = null;
      }
      proceed();
    }
  }
}
