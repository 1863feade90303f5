package dev.tributary.internal.stream;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Message;
import dev.tributary.stream.StreamMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands out messages of several streams to polls, of which there is one at a time; the streams by turns. Guarded by the {@link Members}. */
final class ManyPolling<T> {
  private final ManyConsumer<T> whole;
  private final Members<T> members;
  private volatile @Nullable Poll<StreamMessage<T>> current;
  private boolean serving;
  private int turn;

  ManyPolling(ManyConsumer<T> whole) {
    this.whole = whole;
    this.members = whole.members;
  }

  CompletableFuture<List<StreamMessage<T>>> poll(int max, Duration wait) {
    Poll<StreamMessage<T>> poll = new Poll<>(max);
    List<StreamConsumer<T>> idle = new ArrayList<>();
    synchronized (members) {
      whole.refuseIfClosed();
      if (isWaiting()) {
        throw InvalidRequestException.of("another poll is under way", "Wait for it, or cancel it, before the next");
      }
      whole.refuseIfHandling();
      for (Member<T> member : members.reading()) {
        if (member.consumer().polling.countHandedOut()) {
          idle.add(member.consumer());
        }
      }
      current = poll;
    }
    idle.forEach(consumer -> consumer.commits.soon());
    poll.waitFor(wait, whole.calls.time(), this::serve);
    serve();
    return poll;
  }

  /** Whether a poll is under way. */
  boolean isWaiting() {
    Poll<StreamMessage<T>> poll = current;
    return poll != null && !poll.isDone();
  }

  /** Has the poll served on the callback executor if it can be. */
  void serve() {
    if (current == null) {
      return;
    }
    synchronized (members) {
      Poll<StreamMessage<T>> poll = current;
      if (poll == null || serving || !(poll.isDue() || whole.failure() != null || anyReady())) {
        return;
      }
      serving = true;
    }
    whole.calls.callback(this::serveNow);
  }

  private boolean anyReady() {
    return members.reading().stream().anyMatch(member -> member.consumer().assignment.anyReady());
  }

  private void serveNow() {
    Poll<StreamMessage<T>> poll = current;
    TributaryException failure = whole.failure();
    List<Part<T>> parts = poll == null ? List.of() : find(poll.max());
    for (Part<T> part : parts) {
      failure = failure == null ? part.found().failure() : failure;
    }
    boolean any = parts.stream().anyMatch(part -> !part.found().messages().isEmpty());
    boolean claimed = poll != null && (any || failure != null || poll.isDue()) && poll.claim();
    List<StreamMessage<T>> result = new ArrayList<>();
    if (claimed) {
      parts.forEach(part -> part.takeInto(result));
    }
    boolean over;
    synchronized (members) {
      serving = false;
      // What was found may have been sought away or revoked before it was taken: then the poll waits on.
      over = claimed && (!result.isEmpty() || failure != null || poll.isDue() || members.isClosed());
      if (current == poll && (poll == null || over || poll.isDone())) {
        current = null;
      }
    }
    parts.forEach(part -> part.release(over));
    if (over) {
      end(poll, result, failure);
    } else {
      if (claimed) {
        poll.release();
      }
      serve();
    }
  }

  /** Looks for as many, beginning with another stream each time; after a failure only where that was. */
  private List<Part<T>> find(int max) {
    List<Member<T>> order;
    synchronized (members) {
      order = whole.failure() == null ? new ArrayList<>(members.reading()) : whole.failed();
      if (!order.isEmpty()) {
        Collections.rotate(order, -Math.floorMod(turn++, order.size()));
      }
    }
    List<Part<T>> parts = new ArrayList<>();
    int left = max;
    for (Member<T> member : order) {
      if (left > 0) {
        Polling.Found<T> found = member.consumer().polling.find(left);
        left -= found.messages().size();
        parts.add(new Part<>(member, found));
      }
    }
    return parts;
  }

  /** What was found in a stream. */
  private record Part<T>(Member<T> member, Polling.Found<T> found) {
    void takeInto(List<StreamMessage<T>> result) {
      Polling<T> polling = member.consumer().polling;
      List<Message<T>> taken = polling.take(found);
      if (!taken.isEmpty()) {
        polling.handedOver(taken);
      }
      taken.forEach(message -> result.add(new StreamMessage<>(member.name, message)));
    }

    void release(boolean over) {
      StreamConsumer<T> consumer = member.consumer();
      if (over) {
        synchronized (consumer.assignment) {
          found.release();
        }
      }
      consumer.intake.replenish();
    }
  }

  private void end(Poll<StreamMessage<T>> poll, List<StreamMessage<T>> result, @Nullable TributaryException failure) {
    if (!result.isEmpty()) {
      poll.end(List.copyOf(result), null);
    } else if (failure == null && members.isClosed()) {
      poll.end(null, whole.closedError());
    } else {
      poll.end(List.of(), failure);
    }
  }

  /** Fails the poll that waits, if one does. */
  void fail(TributaryException why) {
    Poll<StreamMessage<T>> poll;
    synchronized (members) {
      poll = current;
      current = null;
    }
    if (poll != null && poll.claim()) {
      whole.calls.callback(() -> poll.end(null, why));
    }
  }
}
