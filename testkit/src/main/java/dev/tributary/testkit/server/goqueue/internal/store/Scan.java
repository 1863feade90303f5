package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Steps;
import dev.tributary.stream.Message;
import dev.tributary.stream.ReadResult;
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
  private volatile CompletableFuture<ReadResult<byte[]>> reading = CompletableFuture.completedFuture(new ReadResult<>(List.of(), 0));

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
      CompletableFuture<ReadResult<byte[]>> read =
          topics.streams().read(new ReadSpec(topic.stream(), partition, next, page, Reads.MOST_BYTES), deadline);
      reading = read;
      if (isCancelled()) {
        read.cancel(true);
      } else if (!read.isDone()) {
        read.whenComplete(
            (found, error) -> {
              taken(read);
              read();
            });
        return;
      }
      taken(read);
    }
  }

  private void taken(CompletableFuture<ReadResult<byte[]>> read) {
    read.whenComplete(
        (found, error) -> {
          if (error != null) {
            completeExceptionally(Steps.unwrap(error));
            return;
          }
          try {
            found.messages().forEach(each);
          } catch (RuntimeException thrown) {
            completeExceptionally(thrown);
          }
          if (found.messages().isEmpty()) {
            complete(null);
          } else {
            next = found.next();
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
