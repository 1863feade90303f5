package dev.tributary.internal.stream;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands out messages to polls, of which there is one at a time. Guarded by the {@link Assignment}. */
final class Polling<T> {
  private static final System.Logger LOG = System.getLogger("dev.tributary.consumer");

  private final StreamConsumer<T> consumer;
  private final Assignment<T> assignment;
  private @Nullable Poll<Message<T>> current;
  private boolean serving;

  Polling(StreamConsumer<T> consumer) {
    this.consumer = consumer;
    this.assignment = consumer.assignment;
  }

  CompletableFuture<List<Message<T>>> poll(int max, Duration wait) {
    Poll<Message<T>> poll = new Poll<>(max);
    boolean idle;
    synchronized (assignment) {
      consumer.refuseIfClosed();
      if (isWaiting()) {
        throw InvalidRequestException.of("another poll is under way", "Wait for it, or cancel it, before the next");
      }
      consumer.dispatch.refuseIfHandling();
      idle = countHandedOut();
      current = poll;
    }
    if (idle) {
      consumer.commits.soon();
    }
    poll.waitFor(wait, consumer.calls.time(), this::serve);
    serve();
    return poll;
  }

  /** What was handed out is processed, for its taker asks for more; whether there is nothing more at present. */
  boolean countHandedOut() {
    synchronized (assignment) {
      assignment.countHandedOut();
      return !assignment.anyReady();
    }
  }

  /** Whether a poll is under way. */
  boolean isWaiting() {
    synchronized (assignment) {
      return current != null && !current.isDone();
    }
  }

  /** Has the poll served on the callback executor if it can be. */
  void serve() {
    consumer.ready.run();
    synchronized (assignment) {
      if (current == null || serving || !(current.isDue() || assignment.end() != null || assignment.anyReady())) {
        return;
      }
      serving = true;
    }
    consumer.calls.callback(this::serveNow);
  }

  private void serveNow() {
    Poll<Message<T>> poll;
    TributaryException end;
    synchronized (assignment) {
      poll = current;
      end = assignment.end();
    }
    Found<T> found = find(poll == null ? 0 : poll.max());
    TributaryException failure = end != null ? end : found.failure();
    List<Message<T>> result = null;
    synchronized (assignment) {
      serving = false;
      if (poll != null && current == poll) {
        result = claim(poll, found, failure != null);
        if (result != null || poll.isDone()) {
          current = null;
          found.release();
        }
      }
    }
    consumer.intake.replenish();
    if (result == null) {
      serve();
    } else if (result.isEmpty() && failure != null) {
      poll.end(null, failure);
    } else {
      handedOver(result);
      poll.end(result, null);
    }
  }

  /**
   * What can be handed out: decoded, and not taken yet.
   *
   * @param taken whence the messages are
   * @param bad the partitions whose next message cannot be decoded
   * @param failure why one of these cannot go on; null if all can
   */
  record Found<T>(List<AssignedPartition.Taken> taken, List<Message<T>> messages, Set<AssignedPartition<?>> bad, @Nullable TributaryException failure) {
    /** The next poll tries those again that could not be decoded. Holds the lock. */
    void release() {
      bad.forEach(assigned -> assigned.bad = null);
    }
  }

  /** Looks for as many, on the callback executor. */
  Found<T> find(int max) {
    List<AssignedPartition.Taken> taken = new ArrayList<>();
    List<Message<T>> messages = new ArrayList<>();
    Set<AssignedPartition<?>> bad = new HashSet<>();
    while (true) {
      List<AssignedPartition.Taken> next = assignment.peek(max, bad);
      // Decoding is user code, and done without the lock. A partition goes as far as its first message that cannot be decoded.
      for (AssignedPartition.Taken one : next) {
        if (!bad.contains(one.assigned())) {
          try {
            messages.add(Incoming.decode(consumer.payloads, one.message()));
            taken.add(one);
          } catch (Throwable undecodable) {
            bad.add(one.assigned());
            dealWith(one, undecodable);
          }
        }
      }
      if (next.isEmpty() || !messages.isEmpty()) {
        break;
      }
    }
    synchronized (assignment) {
      TributaryException failure = bad.stream().map(assigned -> assigned.bad).filter(Objects::nonNull).findFirst().orElse(null);
      return new Found<>(taken, messages, bad, failure);
    }
  }

  /** Takes what was found, but for what a seek or a revocation has taken out in the meantime. */
  List<Message<T>> take(Found<T> found) {
    List<Message<T>> still = new ArrayList<>(found.messages().size());
    synchronized (assignment) {
      for (int i = 0; i < found.messages().size(); i++) {
        if (found.taken().get(i).stillNext()) {
          assignment.handOut(found.taken().get(i));
          still.add(found.messages().get(i));
        }
      }
    }
    return List.copyOf(still);
  }

  /** Says that these were handed over. */
  void handedOver(List<Message<T>> messages) {
    try {
      Incoming.handedOver(consumer.calls, "poll", consumer.name, consumer.group, -1, messages);
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.ERROR, "The instrumentation threw", thrown);
    }
  }

  /** A message that cannot be handed out: if it is the first of its partition it is dealt with, and fails the poll if that is not possible. */
  private void dealWith(AssignedPartition.Taken next, Throwable undecodable) {
    AssignedPartition<?> assigned = next.assigned();
    synchronized (assignment) {
      if (assigned.bad != null || assigned.waiting.peekFirst() != next.message()) {
        return;
      }
      if (consumer.undecodables.fails()) {
        assigned.bad = consumer.located("poll", Steps.known(undecodable));
        return;
      }
      assigned.seeking++;
    }
    consumer
        .undecodables
        .handle(next.message(), undecodable)
        .whenComplete(
            (done, error) -> {
              synchronized (assignment) {
                assigned.seeking--;
                if (error == null) {
                  assignment.pass(next);
                } else if (assigned.waiting.peekFirst() == next.message()) {
                  assigned.bad = consumer.located("poll", Steps.known(Steps.unwrap(error)));
                }
              }
              consumer.intake.replenish();
              serve();
            });
  }

  /** Takes what the poll gets, or null if it goes on waiting. Holds the lock. */
  private @Nullable List<Message<T>> claim(Poll<Message<T>> poll, Found<T> found, boolean failed) {
    boolean any = found.taken().stream().anyMatch(AssignedPartition.Taken::stillNext);
    return (any || failed || poll.isDue()) && poll.claim() ? take(found) : null;
  }

  /** Fails the poll that waits, if one does. */
  void fail(TributaryException why) {
    Poll<Message<T>> poll;
    synchronized (assignment) {
      poll = current;
      current = null;
    }
    if (poll != null && poll.claim()) {
      consumer.calls.callback(() -> poll.end(null, why));
    }
  }
}
