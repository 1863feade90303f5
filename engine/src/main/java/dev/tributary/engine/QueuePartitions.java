package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The partitions of a queue. What is taken from several of them is taken in one order. Used inside the gate. */
final class QueuePartitions {
  /** Every key is hashed once for each of them. */
  private static final int MOST = 1_000;

  private final ResourceName queue;
  private final List<QueuePartition> all = new ArrayList<>();
  private int turn;

  QueuePartitions(ResourceName queue, int count) {
    if (count > MOST) {
      throw InvalidRequestException.of("a queue of " + count + " partitions", "Give at most " + MOST);
    }
    this.queue = queue;
    for (int i = 0; i < count; i++) {
      all.add(new QueuePartition());
    }
  }

  int count() {
    return all.size();
  }

  /** Where a job of this key goes; those without one take turns. */
  int choose(@Nullable String key) {
    return key == null ? Math.floorMod(turn++, all.size()) : Rendezvous.partition(key, all.size());
  }

  QueuePartition of(StoredJob job) {
    return all.get(job.partition);
  }

  /** Refuses what this queue has not. */
  void require(Scope scope) {
    scope.only().forEach(this::require);
  }

  void require(int partition) {
    if (partition < 0 || partition >= all.size()) {
      throw InvalidRequestException.of(
          "the queue " + queue + " has no partition " + partition, "Its partitions are 0 to " + (all.size() - 1));
    }
  }

  /** The best of what is ready there, or null. */
  @Nullable StoredJob best(Scope scope) {
    StoredJob best = null;
    for (int i = 0; i < all.size(); i++) {
      if (!all.get(i).ready.isEmpty() && scope.covers(i)) {
        StoredJob first = all.get(i).ready.first();
        best = best == null || StoredJob.BEST_FIRST.compare(first, best) < 0 ? first : best;
      }
    }
    return best;
  }

  /** All that is ready there, best first. */
  Stream<StoredJob> ready(Scope scope) {
    Stream<StoredJob> jobs = in(scope).flatMap(partition -> partition.ready.stream());
    return all.size() == 1 ? jobs : jobs.sorted(StoredJob.BEST_FIRST);
  }

  long sum(Scope scope, ToLongFunction<QueuePartition> number) {
    return in(scope).mapToLong(number).sum();
  }

  private Stream<QueuePartition> in(Scope scope) {
    return scope.only().isEmpty() ? all.stream() : scope.only().stream().map(all::get);
  }
}
