package dev.tributary.vertx.internal.goqueue;

import dev.tributary.spi.LeasedJob;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Jobs that came and that nobody has taken yet, best first. Holds what polls brought, so that it is bounded by what they ask for. */
final class Backlog {
  private static final Comparator<LeasedJob> BEST_FIRST =
      Comparator.comparingInt((LeasedJob job) -> -job.priority())
          .thenComparing(LeasedJob::enqueuedAt, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparingInt(LeasedJob::partition)
          .thenComparingLong(job -> job.sequence().orElse(0))
          .thenComparing(LeasedJob::receipt);

  /** Since which nanosecond of the clock each is here. */
  private final TreeMap<LeasedJob, Long> jobs = new TreeMap<>(BEST_FIRST);

  /** These came now. */
  void add(List<LeasedJob> more, long now) {
    more.forEach(job -> jobs.put(job, now));
  }

  /** Takes up to so many. */
  List<LeasedJob> take(int max) {
    List<LeasedJob> taken = new ArrayList<>(Math.min(max, jobs.size()));
    for (Iterator<LeasedJob> best = jobs.keySet().iterator(); taken.size() < max && best.hasNext(); best.remove()) {
      taken.add(best.next());
    }
    return taken;
  }

  /** Takes those that came at this time or before. */
  List<LeasedJob> takeOld(long then) {
    List<LeasedJob> old = new ArrayList<>();
    jobs.forEach(
        (job, since) -> {
          if (since - then <= 0) {
            old.add(job);
          }
        });
    old.forEach(jobs::remove);
    return old;
  }

  /** When the oldest came; null if there is none. */
  @Nullable Long oldest() {
    return jobs.values().stream().min(Long::compare).orElse(null);
  }

  boolean isEmpty() {
    return jobs.isEmpty();
  }

  int size() {
    return jobs.size();
  }
}
