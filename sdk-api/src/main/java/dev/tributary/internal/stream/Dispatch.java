package dev.tributary.internal.stream;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gives messages to the handler of {@code forEach}: those of a lane one after another, those of different lanes side by side.
 * Guarded by the {@link Lanes}.
 */
final class Dispatch<T> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  /** After so many messages others get the thread. */
  private static final int BURST = 256;

  private final StreamConsumer<T> consumer;
  private final Lanes<T> lanes;
  private final CompletableFuture<Void> idle = new CompletableFuture<>();
  private @Nullable HandlerRun<T> current;
  private int busyLanes;

  Dispatch(StreamConsumer<T> consumer) {
    this.consumer = consumer;
    this.lanes = consumer.lanes;
  }

  void start(HandlerRun<T> run) {
    synchronized (lanes) {
      consumer.refuseIfClosed();
      if (consumer.polling.isWaiting()) {
        throw InvalidRequestException.of("a poll is under way", "Use either poll or forEach");
      }
      refuseIfHandling();
      TributaryException over = lanes.end();
      if (over != null) {
        throw over;
      }
      current = run;
    }
    consumer.wakeAll();
  }

  /** Holds the lock. */
  void refuseIfHandling() {
    if (current != null && !current.isOver()) {
      throw InvalidRequestException.of("forEach takes the messages already", "Use either poll or forEach, and one of it at a time");
    }
  }

  /** Has the lane served on the callback executor if a handler waits for it. */
  boolean wake(Lane<T> lane) {
    synchronized (lanes) {
      if (lane.busy || !mayHandle(lane)) {
        return false;
      }
      lane.busy = true;
      busyLanes++;
    }
    begin(lane);
    return true;
  }

  /** Serves a lane where handlers may block: on threads of the client's own, unless the user has said where. */
  private void begin(Lane<T> lane) {
    try {
      if (consumer.calls.config().callbackExecutor() == null) {
        consumer.calls.handlers().execute(lane);
      } else {
        consumer.calls.callback(lane);
      }
    } catch (Throwable refused) {
      synchronized (lanes) {
        lane.busy = false;
        busyLanes--;
      }
      fail(refused);
      completeIfIdle();
    }
  }

  /** Holds the lock. */
  private boolean mayHandle(Lane<T> lane) {
    return current != null && !current.isOver() && !lanes.isClosed() && lane.ready();
  }

  /** Messages to the handler until there are none, or one takes its time. */
  void serve(Lane<T> lane) {
    for (int i = 0; i < BURST; i++) {
      HandlerRun<T> run = next(lane);
      if (run == null) {
        return;
      }
      Handling handling = new Handling(lane, run);
      handling.begin();
      if (!handling.isOver()) {
        return;
      }
    }
    begin(lane);
  }

  /** Takes the next message of a lane for its handler; null if there is none, and the lane is at rest. */
  private @Nullable HandlerRun<T> next(Lane<T> lane) {
    HandlerRun<T> run = null;
    synchronized (lanes) {
      if (mayHandle(lane)) {
        run = current;
        lanes.handle(lane);
      } else {
        lane.busy = false;
        busyLanes--;
      }
    }
    if (run == null) {
      completeIfIdle();
      if (isIdle()) {
        consumer.commits.soon();
      }
    } else {
      consumer.intake.replenish();
    }
    return run;
  }

  /** Ends the {@code forEach} under way with this, unless the consumer is being closed, which ends it well. */
  void fail(Throwable why) {
    HandlerRun<T> run;
    synchronized (lanes) {
      run = lanes.isClosed() || current == null || current.isOver() ? null : current;
      if (run != null) {
        run.stop();
      }
    }
    if (run != null) {
      consumer.calls.callback(() -> run.completeExceptionally(why));
    }
  }

  /** When no handler is at work any more. Only for a consumer that is closed. */
  CompletableFuture<Void> rested() {
    completeIfIdle();
    return idle;
  }

  private boolean isIdle() {
    synchronized (lanes) {
      return busyLanes == 0;
    }
  }

  private void completeIfIdle() {
    synchronized (lanes) {
      if (!lanes.isClosed() || working().findAny().isPresent()) {
        return;
      }
    }
    idle.complete(null);
  }

  /** The lanes whose handlers are waited for: not one that waits for the close itself. Holds the lock. */
  private Stream<Lane<T>> working() {
    return lanes.busy().filter(lane -> lane.closing == null || lane.handler != null);
  }

  /** What handlers are at work on. */
  List<String> unfinished() {
    synchronized (lanes) {
      return working()
          .map(lane -> lane.handling)
          .filter(Objects::nonNull)
          .map(message -> "handler of " + consumer.name + " at partition " + message.partition() + ", offset " + message.offset())
          .toList();
    }
  }

  /** The lane whose handler this thread is in; null if in none. */
  @Nullable Lane<T> here() {
    synchronized (lanes) {
      return lanes.busy().filter(lane -> lane.handler == Thread.currentThread()).findAny().orElse(null);
    }
  }

  /** The handler of this lane waits for the close and will not return before it: it is not waited for. */
  void excuse(Lane<T> lane) {
    synchronized (lanes) {
      lane.handler = null;
    }
    completeIfIdle();
  }

  /** The consumer is closed. */
  void complete() {
    HandlerRun<T> run;
    synchronized (lanes) {
      run = current;
    }
    if (run != null) {
      consumer.calls.callback(() -> run.complete(null));
    }
  }

  /** One message with its handler. */
  private final class Handling implements BiConsumer<Object, Throwable> {
    private static final int LEFT_ALONE = 1;
    private static final int OVER = 2;

    private final Lane<T> lane;
    private final HandlerRun<T> run;
    private final Message<byte[]> message;
    private final AtomicInteger stage = new AtomicInteger();
    private Observation observation = Observation.NONE;

    Handling(Lane<T> lane, HandlerRun<T> run) {
      this.lane = lane;
      this.run = run;
      this.message = Objects.requireNonNull(lane.handling);
    }

    void begin() {
      CompletionStage<?> handled;
      try {
        Message<T> decoded;
        try {
          decoded = Incoming.decode(consumer.payloads, message);
        } catch (Throwable undecodable) {
          consumer.undecodables.handle(message, undecodable).whenComplete(this);
          return;
        }
        observation = observe();
        Observation.Scope scope = observation.makeCurrent();
        lane.handler = Thread.currentThread();
        try {
          handled = run.handle(decoded);
        } finally {
          lane.handler = null;
          scope.close();
        }
        if (handled == null) {
          throw new InvalidRequestException(
              ErrorInfo.of("the handler returned null", "Return a completed stage if there is nothing to wait for"));
        }
      } catch (Throwable thrown) {
        accept(null, thrown);
        return;
      }
      if (lane.closing == null) {
        handled.whenComplete(this);
        return;
      }
      // It has asked for the close itself. If it waits for nothing else it is done with its message; it is not waited for.
      if (lane.closing == handled) {
        accept(null, null);
      } else {
        handled.whenComplete(this);
      }
      completeIfIdle();
    }

    private Observation observe() {
      if (!consumer.calls.watched()) {
        return Observation.NONE;
      }
      return consumer.calls.observe(
          Operation.Kind.PROCESS,
          "process",
          consumer.name,
          consumer.group,
          message.partition(),
          1,
          message.value().length,
          null,
          List.of(message.headers()));
    }

    /** Whether the lane can go on in the same loop; else it will when the handler is done. */
    boolean isOver() {
      return !stage.compareAndSet(0, LEFT_ALONE);
    }

    @Override
    public void accept(@Nullable Object ignored, @Nullable Throwable error) {
      Throwable why = error == null ? null : Steps.unwrap(error);
      CompletableFuture<Void> rested;
      try {
        observation.end(why);
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.ERROR, "The instrumentation threw", thrown);
      }
      synchronized (lanes) {
        // At once: else a poll could overtake the message that goes back.
        if (why != null) {
          run.stop();
        }
        lanes.handled(lane, message, why == null);
        rested = lane.rested();
      }
      if (rested != null) {
        rested.complete(null);
      }
      if (why != null) {
        consumer.calls.callback(() -> run.completeExceptionally(why));
      }
      if (stage.getAndSet(OVER) == LEFT_ALONE) {
        Dispatch.this.begin(lane);
      }
    }
  }
}
