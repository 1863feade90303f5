package dev.tributary.internal.stream;

import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What is done before partitions go to another member, as far as there is time: handlers at work in them finish, the user is told and may
 * commit, and what is processed is committed. Nothing more is handed out from them meanwhile.
 */
final class HandOver<T> {
  private static final Duration BOUND = Duration.ofSeconds(3);

  private final StreamConsumer<T> consumer;
  private final List<AssignedPartition<T>> assignment;
  /** Runs the user's listener, and then what it is given. */
  private final Consumer<Consumer<Runnable>> listener;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  HandOver(StreamConsumer<T> consumer, List<AssignedPartition<T>> assignment, Consumer<Consumer<Runnable>> listener) {
    this.consumer = consumer;
    this.assignment = assignment;
    this.listener = listener;
  }

  CompletableFuture<Void> begin() {
    TimeSource.Timer bound = consumer.calls.time().schedule(BOUND, () -> done.complete(null));
    done.whenComplete((over, error) -> bound.cancel());
    CompletableFuture<?>[] rests;
    synchronized (consumer.assignment) {
      rests = assignment.stream().map(AssignedPartition::rest).toArray(CompletableFuture[]::new);
    }
    CompletableFuture.allOf(rests)
        .whenComplete(
            (rested, error) ->
                listener.accept(
                    tell -> {
                      tell.run();
                      commit();
                    }));
    return done;
  }

  private void commit() {
    consumer.commits.last().whenComplete((committed, error) -> done.complete(null));
  }
}
