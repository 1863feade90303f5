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
 * A seek. Until the source has made it, its lanes keep what they have and hand out nothing: if it fails, they go on as before.
 * Guarded by the {@link Lanes}.
 */
final class Seek<T> implements Function<Deadline, CompletableFuture<Void>> {
  private final StreamConsumer<T> consumer;
  private final Lanes<T> lanes;
  private final Function<Set<Integer>, Map<Integer, StartAt>> wanted;
  private final List<Lane<T>> held = new ArrayList<>();
  private boolean released;

  /** To what {@code wanted} says for the partitions that are assigned. */
  Seek(StreamConsumer<T> consumer, Function<Set<Integer>, Map<Integer, StartAt>> wanted) {
    this.consumer = consumer;
    this.lanes = consumer.lanes;
    this.wanted = wanted;
  }

  @Override
  public CompletableFuture<Void> apply(Deadline deadline) {
    CompletableFuture<Void> assigned = consumer.intake.firstAssignment;
    return assigned.isDone() ? move(deadline) : Steps.then(assigned.copy(), go -> move(deadline));
  }

  private CompletableFuture<Void> move(Deadline deadline) {
    Map<Integer, StartAt> places = wanted.apply(lanes.assignment());
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

  /** Holds these lanes back, and says how many messages they have had. */
  private long hold(Set<Integer> partitions) {
    synchronized (lanes) {
      for (int partition : partitions) {
        Lane<T> lane = lanes.lane(partition);
        if (!released && !held.contains(lane)) {
          held.add(lane);
          lane.seeking++;
        }
      }
      return arrived();
    }
  }

  private long arrived() {
    synchronized (lanes) {
      return held.stream().mapToLong(lane -> lane.arrived).sum();
    }
  }

  /**
   * Drops what came from the old place; false if it was made before we could listen and messages have come since: nobody can say on
   * which side of it they are, so once more. In one step, because they may come at any moment.
   */
  private boolean moved(Map<Integer, Long> next, boolean already, long before) {
    synchronized (lanes) {
      if (already && arrived() != before) {
        return false;
      }
      for (Lane<T> lane : held) {
        lanes.drop(lane);
        lane.continueAt(next.getOrDefault(lane.partition, -1L));
      }
    }
    release();
    consumer.intake.replenish();
    return true;
  }

  /** The lanes go on; without effect once they do. */
  void release() {
    synchronized (lanes) {
      if (released) {
        return;
      }
      released = true;
      held.forEach(lane -> lane.seeking--);
    }
    consumer.wakeAll();
  }
}
