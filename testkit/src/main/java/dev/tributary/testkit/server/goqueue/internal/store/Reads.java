package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What is read from topics: everything, in the order of the offsets. Thread-safe. */
public class Reads {
  /** Of one read, of which there may be several. */
  static final long MOST_BYTES = 8 << 20;

  private final Topics topics;
  private final DeadLetters deadLetters;

  public Reads(Topics topics) {
    this.topics = topics;
    this.deadLetters = new DeadLetters(topics);
  }

  /** Up to so many messages from this offset on; fewer only at the end. */
  public CompletableFuture<List<Message<byte[]>>> read(Topic topic, int partition, long offset, int limit, Deadline deadline) {
    return all(topic, partition, offset, limit, deadline);
  }

  /** The same, whatever a kind of reading leaves out. */
  public final CompletableFuture<List<Message<byte[]>>> all(Topic topic, int partition, long offset, int limit, Deadline deadline) {
    return more(topic, partition, offset, limit, new ArrayList<>(), deadline);
  }

  private CompletableFuture<List<Message<byte[]>>> more(
      Topic topic, int partition, long offset, int limit, List<Message<byte[]>> before, Deadline deadline) {
    int wanted = Math.min(limit - before.size(), topics.transport().limits().maxReceive());
    return Steps.then(
        topics.streams().read(new ReadSpec(topic.stream(), partition, offset, wanted, MOST_BYTES), deadline),
        read -> {
          read.messages().forEach(message -> before.add(deadLetters.shown(message)));
          return before.size() == limit || read.messages().isEmpty()
              ? CompletableFuture.completedFuture(before)
              : more(topic, partition, read.next(), limit, before, deadline);
        });
  }
}
