package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Reads a partition from its beginning to its end, a page after the other, however many there are. */
public final class Scan extends CompletableFuture<Void> {
  private final Topics topics;
  private final Topic topic;
  private final int partition;
  private final Deadline deadline;
  private final Consumer<Message<byte[]>> each;
  private final int page;
  private long next;
  private volatile CompletableFuture<List<Message<byte[]>>> reading = CompletableFuture.completedFuture(List.of());

  private Scan(Topics topics, Topic topic, int partition, Deadline deadline, Consumer<Message<byte[]>> each) {
    this.topics = topics;
    this.topic = topic;
    this.partition = partition;
    this.deadline = deadline;
    this.each = each;
    this.page = topics.transport().limits().maxReceive();
  }

  /** Hands over every message, in order; cancelling it stops that. */
  public static CompletableFuture<Void> of(Topics topics, Topic topic, int partition, Deadline deadline, Consumer<Message<byte[]>> each) {
    Scan scan = new Scan(topics, topic, partition, deadline, each);
    scan.read();
    return scan;
  }

  /** Pages that are there at once are taken in a loop: one inside of the other they would be too deep. */
  private void read() {
    while (!isDone()) {
      CompletableFuture<List<Message<byte[]>>> read =
          topics.streams().read(topic.stream(), partition, next, page, deadline);
      reading = read;
      if (isCancelled()) {
        read.cancel(true);
      } else if (!read.isDone()) {
        read.whenComplete(
            (messages, error) -> {
              taken(read);
              read();
            });
        return;
      }
      taken(read);
    }
  }

  private void taken(CompletableFuture<List<Message<byte[]>>> read) {
    read.whenComplete(
        (messages, error) -> {
          if (error != null) {
            completeExceptionally(Steps.unwrap(error));
            return;
          }
          try {
            messages.forEach(each);
          } catch (RuntimeException thrown) {
            completeExceptionally(thrown);
          }
          if (messages.isEmpty()) {
            complete(null);
          } else {
            next = messages.get(messages.size() - 1).offset() + 1;
          }
        });
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    reading.cancel(mayInterrupt);
    return cancelled;
  }
}
