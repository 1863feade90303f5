package dev.tributary.internal.stream;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.StartAt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A seek. Until the source has made it, its partitions keep what they have and hand out nothing: if it fails, they go on as before.
 * Guarded by the {@link Assignment}.
 */
final class Seek<T> implements Function<Deadline, CompletableFuture<Void>> {
  private final StreamConsumer<T> consumer;
  private final Assignment<T> assignment;
  private final Function<Set<Integer>, Map<Integer, StartAt>> wanted;
  private final List<AssignedPartition<T>> held = new ArrayList<>();
  private boolean released;

  /** To what {@code wanted} says for the partitions that are assigned. */
  Seek(StreamConsumer<T> consumer, Function<Set<Integer>, Map<Integer, StartAt>> wanted) {
    this.consumer = consumer;
    this.assignment = consumer.assignment;
    this.wanted = wanted;
  }

  @Override
  public CompletableFuture<Void> apply(Deadline deadline) {
    CompletableFuture<Void> first = consumer.intake.firstAssignment;
    return first.isDone() ? move(deadline) : Steps.then(first.copy(), go -> move(deadline));
  }

  private CompletableFuture<Void> move(Deadline deadline) {
    Map<Integer, StartAt> places = wanted.apply(assignment.assignment());
    if (places.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    long arrived = hold(places.keySet());
    Thread here = Thread.currentThread();
    boolean[] registering = {true};
    CompletableFuture<Void> whole =
        Steps.then(
            consumer.intake.source.seek(places, deadline),
            next -> {
              boolean already = registering[0] && Thread.currentThread() == here;
              return moved(next, already, arrived) ? CompletableFuture.completedFuture(null) : move(deadline);
            });
    registering[0] = false;
    return whole;
  }

  /** Holds these partitions back, and says how much has come from them. */
  private long hold(Set<Integer> partitions) {
    synchronized (assignment) {
      for (int partition : partitions) {
        AssignedPartition<T> assigned = assignment.partition(partition);
        if (!released && !held.contains(assigned)) {
          held.add(assigned);
          assigned.seeking++;
        }
      }
      return arrived();
    }
  }

  private long arrived() {
    synchronized (assignment) {
      return held.stream().mapToLong(assigned -> assigned.arrived).sum();
    }
  }

  /**
   * Drops what came from the old place; false if it was made before we could listen and something has come since: nobody can say on
   * which side of it that is, so once more. In one step, because they may come at any moment.
   */
  private boolean moved(Map<Integer, Long> next, boolean already, long before) {
    synchronized (assignment) {
      if (already && arrived() != before) {
        return false;
      }
      for (AssignedPartition<T> assigned : held) {
        assignment.continueAt(assigned, next.getOrDefault(assigned.partition, -1L));
      }
    }
    release();
    consumer.intake.steer();
    consumer.intake.replenish();
    return true;
  }

  /** The partitions go on; without effect once they do. */
  void release() {
    synchronized (assignment) {
      if (released) {
        return;
      }
      released = true;
      held.forEach(assigned -> assigned.seeking--);
    }
    consumer.wakeAll();
  }
}
