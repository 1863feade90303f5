package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The jobs that are with clients, by id: the wire settles by id alone, transports by delivery. Thread-safe. */
final class Leases {
  private static final int FIRST_SWEEP = 1024;

  private final TimeSource time;
  private final Map<Key, LeasedJob> jobs = new HashMap<>();
  private int sweepAt = FIRST_SWEEP;

  private record Key(ResourceName queue, String id) {}

  Leases(TimeSource time) {
    this.time = time;
  }

  synchronized void add(ResourceName queue, List<LeasedJob> leased) {
    leased.forEach(job -> jobs.put(new Key(queue, job.id()), job));
    if (jobs.size() >= sweepAt) {
      jobs.values().removeIf(job -> job.leaseDeadline() != null && job.leaseDeadline().expired());
      sweepAt = Math.max(FIRST_SWEEP, 2 * jobs.size());
    }
  }

  synchronized @Nullable LeasedJob get(ResourceName queue, String id) {
    return jobs.get(new Key(queue, id));
  }

  /** It is settled, unless it was delivered again meanwhile. */
  synchronized void remove(ResourceName queue, LeasedJob job) {
    jobs.remove(new Key(queue, job.id()), job);
  }
}
