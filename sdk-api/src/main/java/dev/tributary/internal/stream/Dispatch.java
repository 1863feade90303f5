package dev.tributary.internal.stream;

import dev.tributary.RedeliveryPolicy;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Reason;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.queue.DeadLetter;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gives messages to the handler of {@code forEach}: those of a partition one after another, those of different partitions side by side.
 * Guarded by the {@link Assignment}.
 */
final class Dispatch<T> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  /** After so many messages others get the thread. */
  private static final int BURST = 256;

  private final StreamConsumer<T> consumer;
  private final Assignment<T> assignment;
  private final CompletableFuture<Void> idle = new CompletableFuture<>();
  /** Whether a handler has failed before, and its message came again. */
  private final AtomicBoolean failed = new AtomicBoolean();
  private @Nullable HandlerRun<T> current;
  private int busyLanes;

  Dispatch(StreamConsumer<T> consumer) {
    this.consumer = consumer;
    this.assignment = consumer.assignment;
  }

  void start(HandlerRun<T> run) {
    synchronized (assignment) {
      consumer.refuseIfClosed();
      if (consumer.polling.isWaiting()) {
        throw InvalidRequestException.of("a poll is under way", "Use either poll or forEach");
      }
      refuseIfHandling();
      TributaryException over = assignment.end();
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

  /** Has the partition served on the callback executor if a handler waits for it. */
  boolean wake(AssignedPartition<T> assigned) {
    synchronized (assignment) {
      if (assigned.busy || !mayHandle(assigned)) {
        return false;
      }
      assigned.busy = true;
      busyLanes++;
    }
    begin(assigned);
    return true;
  }

  /** Serves a partition where handlers may block: on threads of the client's own, unless the user has said where. */
  private void begin(AssignedPartition<T> assigned) {
    try {
      if (consumer.calls.config().callbackExecutor() == null) {
        consumer.calls.handlers().execute(assigned);
      } else {
        consumer.calls.callback(assigned);
      }
    } catch (Throwable refused) {
      synchronized (assignment) {
        assigned.busy = false;
        busyLanes--;
      }
      fail(refused);
      completeIfIdle();
    }
  }

  /** Holds the lock. */
  private boolean mayHandle(AssignedPartition<T> assigned) {
    return current != null && !current.isOver() && !assignment.isClosed() && assigned.ready();
  }

  /** Messages to the handler until there are none, or one takes its time. */
  void serve(AssignedPartition<T> assigned) {
    for (int i = 0; i < BURST; i++) {
      HandlerRun<T> run = next(assigned);
      if (run == null) {
        return;
      }
      Handling handling = new Handling(assigned, run);
      handling.begin();
      if (!handling.isOver()) {
        return;
      }
    }
    begin(assigned);
  }

  /** Takes the next message of a partition for its handler; null if there is none, and the partition is at rest. */
  private @Nullable HandlerRun<T> next(AssignedPartition<T> assigned) {
    HandlerRun<T> run = null;
    synchronized (assignment) {
      if (mayHandle(assigned)) {
        run = current;
        assignment.handle(assigned);
      } else {
        assigned.busy = false;
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
    synchronized (assignment) {
      run = assignment.isClosed() || current == null || current.isOver() ? null : current;
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
    synchronized (assignment) {
      return busyLanes == 0;
    }
  }

  private void completeIfIdle() {
    synchronized (assignment) {
      if (!assignment.isClosed() || working().findAny().isPresent()) {
        return;
      }
    }
    idle.complete(null);
  }

  /** The partitions whose handlers are waited for: not one that waits for the close itself. Holds the lock. */
  private Stream<AssignedPartition<T>> working() {
    return assignment.busy().filter(assigned -> assigned.closing == null || assigned.handler != null);
  }

  /** What handlers are at work on. */
  List<String> unfinished() {
    synchronized (assignment) {
      return working()
          .map(assigned -> assigned.handling)
          .filter(Objects::nonNull)
          .map(message -> "handler of " + consumer.name + " at partition " + message.partition() + ", offset " + message.offset())
          .toList();
    }
  }

  /** The partition whose handler this thread is in; null if in none. */
  @Nullable AssignedPartition<T> here() {
    synchronized (assignment) {
      return assignment.busy().filter(assigned -> assigned.handler == Thread.currentThread()).findAny().orElse(null);
    }
  }

  /** The handler of this partition waits for the close and will not return before it: it is not waited for. */
  void excuse(AssignedPartition<T> assigned) {
    synchronized (assignment) {
      assigned.handler = null;
    }
    completeIfIdle();
  }

  /** The consumer is closed. */
  void complete() {
    HandlerRun<T> run;
    synchronized (assignment) {
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

    private final AssignedPartition<T> assigned;
    private final HandlerRun<T> run;
    private final Message<byte[]> message;
    private final AtomicInteger stage = new AtomicInteger();
    private Observation observation = Observation.NONE;
    /** Whether it is the handler that failed, if something did. */
    private boolean handed;

    Handling(AssignedPartition<T> assigned, HandlerRun<T> run) {
      this.assigned = assigned;
      this.run = run;
      this.message = Objects.requireNonNull(assigned.handling);
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
        assigned.handler = Thread.currentThread();
        handed = true;
        try {
          handled = run.handle(decoded);
        } finally {
          assigned.handler = null;
          scope.close();
        }
        if (handled == null) {
          handed = false;
          throw new InvalidRequestException(
              ErrorInfo.of("the handler returned null", "Return a completed stage if there is nothing to wait for"));
        }
      } catch (Throwable thrown) {
        accept(null, thrown);
        return;
      }
      if (assigned.closing == null) {
        handled.whenComplete(this);
        return;
      }
      // It has asked for the close itself. If it waits for nothing else it is done with its message; it is not waited for.
      if (assigned.closing == handled) {
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

    /** Whether the partition can go on in the same loop; else it will when the handler is done. */
    boolean isOver() {
      return !stage.compareAndSet(0, LEFT_ALONE);
    }

    @Override
    public void accept(@Nullable Object ignored, @Nullable Throwable error) {
      Throwable why = error == null ? null : Steps.unwrap(error);
      try {
        observation.end(why);
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.ERROR, "The instrumentation threw", thrown);
      }
      RedeliveryPolicy redelivery = consumer.redelivery;
      if (why != null && handed && redelivery != null) {
        again(why, redelivery);
      } else {
        end(why == null, why);
      }
    }

    /** The handler gets it again, or, if it has had it often enough, it becomes a dead letter. */
    private void again(Throwable why, RedeliveryPolicy redelivery) {
      Instant now = consumer.calls.time().now();
      Failing failing = run.isOver() ? null : assignment.failed(assigned, message, now);
      if (failing == null) {
        end(false, null);
        return;
      }
      say(failing, why);
      if (redelivery.maxAttempts() > 0 && failing.attempts >= redelivery.maxAttempts()) {
        bury(why, failing, now, redelivery);
      } else {
        recover(failing, redelivery.backoff(failing.attempts));
      }
    }

    private void say(Failing failing, Throwable why) {
      String place = message.partition() + "/" + message.offset() + " of " + consumer.name;
      String what = "the handler of message " + place + " failed at attempt " + failing.attempts;
      LOG.log(System.Logger.Level.DEBUG, what, why);
      if (failed.compareAndSet(false, true)) {
        LOG.log(System.Logger.Level.WARNING, what + " (" + Reason.of(why) + "); its consumer says so once, and the rest and all stacks at DEBUG");
      }
    }

    private void bury(Throwable why, Failing failing, Instant now, RedeliveryPolicy redelivery) {
      DeadLetter<byte[]> letter =
          DeadLetter.builder(message).attempts(failing.attempts).reason(Reason.of(why)).firstFailedAt(failing.since).failedAt(now).build();
      consumer
          .sink
          .bury(message, letter)
          .whenComplete(
              (id, error) -> {
                Throwable refused = error == null ? null : Steps.unwrap(error);
                if (refused instanceof NotFoundException) {
                  // The stream is being deleted. What that ends, its source says: a run over several streams may go on.
                  recover(failing, redelivery.backoff(failing.attempts));
                  return;
                }
                if (refused != null && refused != why) {
                  refused.addSuppressed(why);
                }
                end(refused == null, refused);
              });
    }

    /** The partition waits and keeps its message; the others go on with its share of what may wait in the client. */
    private void recover(Failing failing, Duration pause) {
      assignment.waits(assigned, failing, true);
      end(false, null);
      TimeSource.Timer timer =
          consumer
              .calls
              .time()
              .schedule(
                  pause,
                  () -> {
                    assignment.waits(assigned, failing, false);
                    consumer.intake.steer();
                    consumer.wake(assigned);
                  });
      synchronized (assignment) {
        failing.waitsFor(timer);
      }
      consumer.intake.steer();
      consumer.intake.replenish();
    }

    /** It is processed or waits again, for another handler; what went wrong ends the run. */
    private void end(boolean processed, @Nullable Throwable why) {
      CompletableFuture<Void> rested;
      synchronized (assignment) {
        // At once: else a poll could overtake the message that goes back.
        if (why != null) {
          run.stop();
        }
        assignment.handled(assigned, message, processed);
        rested = assigned.rested();
      }
      if (rested != null) {
        rested.complete(null);
      }
      if (why != null) {
        consumer.calls.callback(() -> run.completeExceptionally(why));
      }
      if (stage.getAndSet(OVER) == LEFT_ALONE) {
        Dispatch.this.begin(assigned);
      }
    }
  }
}
