package dev.tributary.internal.stream;

import dev.tributary.error.TributaryException;
import dev.tributary.stream.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a consumer: what waits, how far it was handed out, processed and committed. Guarded by the
 * {@link Assignment}, but for {@link #run}.
 */
final class AssignedPartition<T> implements Runnable {
  private final StreamConsumer<T> consumer;
  final int partition;
  final ArrayDeque<Message<byte[]>> waiting = new ArrayDeque<>();
  /** Paused, or waiting before its handler is called again: nothing is handed out, and what waits does not count. */
  boolean held;
  boolean revoked;
  /** About to be handed over: nothing more is handed out. */
  boolean leaving;
  /** What holds it back: seeks, listeners that are to be told first, messages that cannot be decoded. */
  int seeking;
  /** Counts the seeks that were made: what belongs to an earlier one no longer counts. */
  int epoch;
  /** What has come: messages, and news of what was passed over. */
  long arrived;
  /** The next offset to hand out, -1 if not known. */
  private long next = -1;
  /** The next offset after what polls have handed out, -1 if nothing. */
  private long handedOut = -1;
  /** The next offset after what was processed, -1 if nothing. */
  long processed = -1;
  long committed = -1;
  /** The offset before which what has not arrived does not match, -1 if nothing was passed over. */
  long passed = -1;

  /** Whether a handler is at work, or about to be. */
  boolean busy;
  @Nullable Message<byte[]> handling;
  int handlingEpoch;
  /** The thread that is in the handler now. */
  volatile @Nullable Thread handler;
  /** The close that its handler has asked for; the partition is not waited for. */
  volatile @Nullable CompletableFuture<Void> closing;
  /** Whoever waits until no handler is at work. */
  private @Nullable CompletableFuture<Void> rest;
  /** What its handler failed at last. */
  @Nullable Failing failing;
  /** Why the first of those that wait cannot be handed out. */
  @Nullable TributaryException bad;

  AssignedPartition(StreamConsumer<T> consumer, int partition, boolean held) {
    this.consumer = consumer;
    this.partition = partition;
    this.held = held;
  }

  /** A message that a poll may take, if its partition still has it. */
  record Taken(AssignedPartition<?> assigned, int epoch, Message<byte[]> message) {
    boolean stillNext() {
      return assigned.epoch == epoch && assigned.ready() && !assigned.revoked;
    }
  }

  boolean ready() {
    return !held && !leaving && seeking == 0 && !waiting.isEmpty();
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
    bad = null;
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

  /** When no handler is at work in it. */
  CompletableFuture<Void> rest() {
    if (handling == null) {
      return CompletableFuture.completedFuture(null);
    }
    if (rest == null) {
      rest = new CompletableFuture<>();
    }
    return rest;
  }

  /** Who waits for that, if it has come; to be completed without the lock. */
  @Nullable CompletableFuture<Void> rested() {
    CompletableFuture<Void> told = handling == null ? rest : null;
    rest = told == null ? rest : null;
    return told;
  }

  long position() {
    return seeking == 0 && !waiting.isEmpty() ? waiting.getFirst().offset() : Math.max(next, passed);
  }

  /** The offset before which all is processed or was passed over, -1 if that is nothing. */
  long watermark() {
    boolean open =
        handedOut >= 0
            || handling != null && handling.offset() < passed
            || !waiting.isEmpty() && waiting.getFirst().offset() < passed;
    return open ? processed : Math.max(processed, passed);
  }

  /** Nobody gets what waits: what was passed over behind it does not count any more. */
  void drop() {
    if (!waiting.isEmpty()) {
      passed = Math.min(passed, waiting.getFirst().offset());
      waiting.clear();
    }
  }

  void continueAt(long offset) {
    epoch++;
    next = offset;
    handedOut = -1;
    processed = -1;
    passed = -1;
    bad = null;
    forgive();
  }

  /** Its failures do not count any more. */
  void forgive() {
    if (failing != null) {
      failing.end();
      failing = null;
    }
  }

  /** Gives messages to the handler. */
  @Override
  public void run() {
    consumer.dispatch.serve(this);
  }
}
