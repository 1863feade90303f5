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
  private @Nullable Poll<T> current;
  private boolean serving;

  Polling(StreamConsumer<T> consumer) {
    this.consumer = consumer;
    this.assignment = consumer.assignment;
  }

  CompletableFuture<List<Message<T>>> poll(int max, Duration wait) {
    Poll<T> poll = new Poll<>(consumer, max);
    boolean idle;
    synchronized (assignment) {
      consumer.refuseIfClosed();
      if (isWaiting()) {
        throw InvalidRequestException.of("another poll is under way", "Wait for it, or cancel it, before the next");
      }
      consumer.dispatch.refuseIfHandling();
      assignment.countHandedOut();
      current = poll;
      idle = !assignment.anyReady();
    }
    if (idle) {
      consumer.commits.soon();
    }
    if (wait.isZero()) {
      poll.due();
    } else {
      poll.waitFor(wait);
    }
    serve();
    return poll;
  }

  /** Whether a poll is under way. */
  boolean isWaiting() {
    synchronized (assignment) {
      return current != null && !current.isDone();
    }
  }

  /** Has the poll served on the callback executor if it can be. */
  void serve() {
    synchronized (assignment) {
      if (current == null || serving || !(current.isDue() || assignment.end() != null || assignment.anyReady())) {
        return;
      }
      serving = true;
    }
    consumer.calls.callback(this::serveNow);
  }

  private void serveNow() {
    Poll<T> poll;
    TributaryException failure;
    List<AssignedPartition.Taken> taken = new ArrayList<>();
    List<Message<T>> messages = new ArrayList<>();
    Set<AssignedPartition<?>> bad = new HashSet<>();
    while (true) {
      List<AssignedPartition.Taken> found;
      synchronized (assignment) {
        poll = current;
        failure = assignment.end();
        found = poll == null ? List.of() : assignment.peek(poll.max(), bad);
      }
      // Decoding is user code, and done without the lock. A partition goes as far as its first message that cannot be decoded.
      for (AssignedPartition.Taken next : found) {
        if (!bad.contains(next.assigned())) {
          try {
            messages.add(Incoming.decode(consumer.payloads, next.message()));
            taken.add(next);
          } catch (Throwable undecodable) {
            bad.add(next.assigned());
            dealWith(next, undecodable);
          }
        }
      }
      if (found.isEmpty() || !messages.isEmpty()) {
        break;
      }
    }
    synchronized (assignment) {
      if (failure == null) {
        failure = bad.stream().map(assigned -> assigned.bad).filter(Objects::nonNull).findFirst().orElse(null);
      }
    }
    List<Message<T>> result = null;
    synchronized (assignment) {
      serving = false;
      if (poll != null && current == poll) {
        result = claim(poll, taken, messages, failure != null);
        if (result != null || poll.isDone()) {
          current = null;
          // The next poll tries those again.
          bad.forEach(assigned -> assigned.bad = null);
        }
      }
    }
    consumer.intake.replenish();
    if (result == null) {
      serve();
    } else if (result.isEmpty() && failure != null) {
      poll.end(null, failure);
    } else {
      try {
        Incoming.handedOver(consumer.calls, "poll", consumer.name, consumer.group, -1, result);
      } catch (Throwable thrown) {
        LOG.log(System.Logger.Level.ERROR, "The instrumentation threw", thrown);
      }
      poll.end(result, null);
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
  private @Nullable List<Message<T>> claim(Poll<T> poll, List<AssignedPartition.Taken> taken, List<Message<T>> messages, boolean failed) {
    // A seek or a revocation in the meantime takes its partition out.
    List<Message<T>> still = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      if (taken.get(i).stillNext()) {
        still.add(messages.get(i));
      }
    }
    if ((still.isEmpty() && !failed && !poll.isDue()) || !poll.claim()) {
      return null;
    }
    for (int i = 0; i < messages.size(); i++) {
      if (taken.get(i).stillNext()) {
        assignment.handOut(taken.get(i));
      }
    }
    return List.copyOf(still);
  }

  /** Fails the poll that waits, if one does. */
  void fail(TributaryException why) {
    Poll<T> poll;
    synchronized (assignment) {
      poll = current;
      current = null;
    }
    if (poll != null && poll.claim()) {
      consumer.calls.callback(() -> poll.end(null, why));
    }
  }
}
