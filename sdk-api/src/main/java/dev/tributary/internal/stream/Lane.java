package dev.tributary.internal.stream;

import dev.tributary.stream.Message;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a consumer: what waits, how far it was handed out, processed and committed. Guarded by the
 * {@link Lanes}, but for {@link #run}.
 */
final class Lane<T> implements Runnable {
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

  /** Whether a handler is at work, or about to be. */
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

  /** Gives messages to the handler. */
  @Override
  public void run() {
    consumer.dispatch.serve(this);
  }
}
