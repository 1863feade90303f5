package dev.tributary.internal.stream;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.internal.Faults;
import dev.tributary.observe.Observation;
import dev.tributary.stream.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a consumer: what waits, how far it was handed out, processed and committed. Guarded by its consumer, but for
 * {@link #run}, which gives messages to a handler, one after another.
 */
final class Lane<T> implements Runnable {
  /** After so many messages others get the thread. */
  private static final int BURST = 256;

  private final StreamConsumer<T> consumer;
  final int partition;
  final ArrayDeque<Message<byte[]>> waiting = new ArrayDeque<>();
  boolean paused;
  boolean revoked;
  /** Seeks under way. */
  int seeking;
  /** Counts the seeks that were made: what belongs to an earlier one no longer counts. */
  int epoch;
  long arrived;
  /** The next offset to hand out, -1 if not known. */
  private long next = -1;
  /** The next offset after what polls have handed out, -1 if nothing. */
  private long handedOut = -1;
  /** The next offset after what was processed, -1 if nothing. */
  long processed = -1;
  long committed = -1;

  /** Whether {@link #run} runs, or waits for a handler. */
  boolean busy;
  @Nullable Message<byte[]> handling;
  int handlingEpoch;

  Lane(StreamConsumer<T> consumer, int partition, boolean paused) {
    this.consumer = consumer;
    this.partition = partition;
    this.paused = paused;
  }

  /** A message that a poll may take, if its lane still has it. */
  record Taken(Lane<?> lane, int epoch, Message<byte[]> message) {
    boolean stillNext() {
      return lane.epoch == epoch && lane.ready() && !lane.revoked;
    }
  }

  boolean ready() {
    return !paused && seeking == 0 && !waiting.isEmpty();
  }

  void arrive(Message<byte[]> message) {
    waiting.addLast(message);
    arrived++;
  }

  void peek(int max, List<Taken> into) {
    if (!ready()) {
      return;
    }
    int left = max;
    for (Message<byte[]> message : waiting) {
      if (left-- == 0) {
        return;
      }
      into.add(new Taken(this, epoch, message));
    }
  }

  Message<byte[]> take() {
    Message<byte[]> message = waiting.removeFirst();
    next = message.offset() + 1;
    return message;
  }

  void putBack(Message<byte[]> message) {
    waiting.addFirst(message);
    next = message.offset();
  }

  /** A poll hands out the next message. */
  void handOut() {
    take();
    handedOut = next;
  }

  /** What polls have handed out is processed. */
  void countHandedOut() {
    if (handedOut >= 0) {
      processed = handedOut;
      handedOut = -1;
    }
  }

  long position() {
    return seeking == 0 && !waiting.isEmpty() ? waiting.getFirst().offset() : next;
  }

  void continueAt(long offset) {
    epoch++;
    next = offset;
    handedOut = -1;
    processed = -1;
  }

  /** Messages to the handler until there are none, or one takes its time. */
  @Override
  public void run() {
    for (int i = 0; i < BURST; i++) {
      HandlerRun<T> run = consumer.nextFor(this);
      if (run == null) {
        return;
      }
      Handling handled = new Handling(run);
      handled.begin();
      if (!handled.isOver()) {
        return;
      }
    }
    consumer.calls.callback(this);
  }

  /** One message with its handler. */
  private final class Handling implements BiConsumer<Object, Throwable> {
    private static final int LEFT_ALONE = 1;
    private static final int OVER = 2;

    private final HandlerRun<T> run;
    private final AtomicInteger stage = new AtomicInteger();
    private Observation observation = Observation.NONE;

    Handling(HandlerRun<T> run) {
      this.run = run;
    }

    void begin() {
      Message<byte[]> message = Objects.requireNonNull(handling);
      CompletionStage<?> handled;
      try {
        Message<T> decoded = Incoming.decode(consumer.payloads, message);
        observation = consumer.observeProcessing(message);
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

    /** Whether the lane can go on in the same loop; else it will when the handler is done. */
    boolean isOver() {
      return !stage.compareAndSet(0, LEFT_ALONE);
    }

    @Override
    public void accept(@Nullable Object ignored, @Nullable Throwable error) {
      Throwable why = error == null ? null : Faults.unwrap(error);
      observation.end(why);
      consumer.handled(Lane.this, run, why);
      if (stage.getAndSet(OVER) == LEFT_ALONE) {
        consumer.calls.callback(Lane.this);
      }
    }
  }
}
