package dev.tributary.internal.stream;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Faults;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.stream.Message;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives messages to the handler of {@code forEach}: those of a lane one after another, those of different lanes side by side.
 * Guarded by the {@link Lanes}.
 */
final class Dispatch<T> {
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
    consumer.calls.callback(lane);
    return true;
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
    consumer.calls.callback(lane);
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

  private void completeIfIdle() {
    synchronized (lanes) {
      if (!lanes.isClosed() || busyLanes > 0) {
        return;
      }
    }
    idle.complete(null);
  }

  /** The consumer is closed. */
  void complete() {
    HandlerRun<T> run;
    synchronized (lanes) {
      run = current;
    }
    if (run != null) {
      run.complete(null);
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
        Message<T> decoded = Incoming.decode(consumer.payloads, message);
        observation = observe();
        Observation.Scope scope = observation.makeCurrent();
        try {
          handled = run.handle(decoded);
        } finally {
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
      handled.whenComplete(this);
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
      Throwable why = error == null ? null : Faults.unwrap(error);
      observation.end(why);
      synchronized (lanes) {
        // At once: else a poll could overtake the message that goes back.
        if (why != null) {
          run.stop();
        }
        lanes.handled(lane, message, why == null);
      }
      if (why != null) {
        consumer.calls.callback(() -> run.completeExceptionally(why));
      }
      if (stage.getAndSet(OVER) == LEFT_ALONE) {
        consumer.calls.callback(lane);
      }
    }
  }
}
