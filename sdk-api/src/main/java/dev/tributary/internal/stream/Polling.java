package dev.tributary.internal.stream;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import dev.tributary.stream.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands out messages to polls, of which there is one at a time. Guarded by the {@link Lanes}. */
final class Polling<T> {
  private final StreamConsumer<T> consumer;
  private final Lanes<T> lanes;
  private @Nullable Poll<T> current;
  private boolean serving;

  Polling(StreamConsumer<T> consumer) {
    this.consumer = consumer;
    this.lanes = consumer.lanes;
  }

  CompletableFuture<List<Message<T>>> poll(int max, Duration wait) {
    Poll<T> poll = new Poll<>(consumer, max);
    synchronized (lanes) {
      consumer.refuseIfClosed();
      if (isWaiting()) {
        throw InvalidRequestException.of("another poll is under way", "Wait for it, or cancel it, before the next");
      }
      consumer.dispatch.refuseIfHandling();
      lanes.countHandedOut();
      current = poll;
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
    synchronized (lanes) {
      return current != null && !current.isDone();
    }
  }

  /** Has the poll served on the callback executor if it can be. */
  void serve() {
    synchronized (lanes) {
      if (current == null || serving || !(current.isDue() || lanes.end() != null || lanes.anyReady())) {
        return;
      }
      serving = true;
    }
    consumer.calls.callback(this::serveNow);
  }

  private void serveNow() {
    Poll<T> poll;
    List<Lane.Taken> taken;
    TributaryException over;
    synchronized (lanes) {
      poll = current;
      over = lanes.end();
      taken = poll == null ? List.of() : lanes.peek(poll.max());
    }
    // Decoding is user code, and done without the lock.
    List<Message<T>> messages = new ArrayList<>(taken.size());
    TributaryException failure = over;
    for (Lane.Taken next : taken) {
      try {
        messages.add(Incoming.decode(consumer.payloads, next.message()));
      } catch (TributaryException undecodable) {
        failure = consumer.located("poll", undecodable);
        break;
      }
    }
    List<Message<T>> result = null;
    synchronized (lanes) {
      serving = false;
      if (poll != null && current == poll) {
        result = claim(poll, taken, messages, failure != null);
        if (result != null || poll.isDone()) {
          current = null;
        }
      }
    }
    consumer.intake.replenish();
    if (result == null) {
      serve();
    } else if (result.isEmpty() && failure != null) {
      poll.end(null, failure);
    } else {
      Incoming.handedOver(consumer.calls, "poll", consumer.name, consumer.group, -1, result);
      poll.end(result, null);
    }
  }

  /** Takes what the poll gets, or null if it goes on waiting. Holds the lock. */
  private @Nullable List<Message<T>> claim(Poll<T> poll, List<Lane.Taken> taken, List<Message<T>> messages, boolean failed) {
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
        lanes.handOut(taken.get(i));
      }
    }
    return List.copyOf(still);
  }

  /** Fails the poll that waits, if one does. */
  void fail(TributaryException why) {
    Poll<T> poll;
    synchronized (lanes) {
      poll = current;
      current = null;
    }
    if (poll != null && poll.claim()) {
      consumer.calls.callback(() -> poll.end(null, why));
    }
  }
}
