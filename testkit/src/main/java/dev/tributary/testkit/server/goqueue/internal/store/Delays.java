package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.Outcome;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Messages that wait for their time. Thread-safe. */
public interface Delays {
  /** Adds events, of which some have a delay. One outcome for each, in order. */
  CompletableFuture<List<Outcome<Position>>> publish(Topic topic, List<Event<byte[]>> events, Deadline deadline);

  /** Whether a message that has to wait may choose its partition. */
  boolean choosePartition();

  /** Up to so many, those that are due first. */
  CompletableFuture<List<DelayedEvent>> list(Topic topic, int max, Deadline deadline);

  /** The one that was published at this offset of any partition. */
  CompletableFuture<Optional<DelayedEvent>> find(Topic topic, long offset, Deadline deadline);

  /** Cancels the one that was published there; fails with {@code NotFoundException} if none waits there. */
  CompletableFuture<Void> cancel(Topic topic, int partition, long offset, Deadline deadline);

  /** How many there were, since the server was made. */
  Counts counts();

  /**
   * How many there were.
   *
   * @param scheduled how many came
   * @param delivered of how many the time came
   * @param cancelled how many were cancelled
   * @param pending how many wait, by topic
   */
  record Counts(long scheduled, long delivered, long cancelled, Map<String, Long> pending) {
    public long allPending() {
      return pending.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
