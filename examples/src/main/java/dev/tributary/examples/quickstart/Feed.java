package dev.tributary.examples.quickstart;

import dev.tributary.EventStream;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventPublisher;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Publishes all readings, with Java futures: batched, keyed, and never more in flight than the publisher allows. */
public final class Feed {
  private Feed() {}

  /** Completes when every reading is confirmed; fails with the first that is not. */
  public static CompletableFuture<Void> publish(EventStream<Reading> stream, List<Reading> readings, Progress progress) {
    EventPublisher<Reading> publisher = stream.publisher();
    CompletableFuture<?>[] confirmed = new CompletableFuture<?>[readings.size()];
    return publishFrom(0, publisher, readings, confirmed, progress)
        .thenCompose(accepted -> CompletableFuture.allOf(confirmed))
        .whenComplete((done, error) -> publisher.closeAsync());
  }

  private static CompletableFuture<Void> publishFrom(
      int first,
      EventPublisher<Reading> publisher,
      List<Reading> readings,
      CompletableFuture<?>[] confirmed,
      Progress progress) {
    for (int i = first; i < readings.size(); i++) {
      int next = i;
      if (!publisher.ready().isDone()) {
        return publisher.ready().thenCompose(room -> publishFrom(next, publisher, readings, confirmed, progress));
      }
      Reading reading = readings.get(i);
      long begun = System.nanoTime();
      progress.begun(reading);
      confirmed[i] =
          publisher
              .publish(Event.builder(reading).key(reading.key()).header("reading", reading.id()).build())
              .thenAccept(position -> progress.published(begun));
    }
    return CompletableFuture.completedFuture(null);
  }
}
