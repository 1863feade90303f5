package dev.tributary.internal.queue;

import dev.tributary.error.ClientClosedException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Extends the leases of jobs that are being worked on, a third of the lease before each would end, until the job is settled or was
 * held for the longest time allowed. One timer for all of them.
 *
 * <p>Where a lease can be extended only so often, each extension is twice as long as the one before: the longer a job has run, the
 * longer it may be before a consumer that died loses it.
 */
final class Renewal {
  private final TimeSource time;
  private final long lease;
  private final long maxHeld;
  /** Jobs that are due this close together are renewed together. */
  private final long slack;
  private final int maxExtensions;
  private final BiConsumer<Delivery<?>, LeaseLostException> onLost;
  private final TreeSet<Held> waiting = new TreeSet<>(Held::compareDue);
  private TimeSource.@Nullable Timer timer;
  private long timerAt;
  private long count;

  /**
   * For jobs of this lease.
   *
   * @param maxExtensions how often a lease can be extended; 0 for any number
   * @param onLost told of a job whose lease turned out to be gone, once
   */
  Renewal(TimeSource time, Duration lease, Duration maxLease, int maxExtensions, BiConsumer<Delivery<?>, LeaseLostException> onLost) {
    this.time = time;
    this.lease = Deadline.nanos(lease);
    this.maxHeld = Deadline.nanos(maxLease);
    this.slack = this.lease / 12;
    this.maxExtensions = maxExtensions;
    this.onLost = onLost;
  }

  /** Begins with a job that was leased by now: just now, or for somebody of this client who gave it back. */
  void add(Delivery<?> job) {
    Deadline end = job.leasedUntil();
    if (end != null) {
      long now = time.nanos();
      Held held = new Held(job, now);
      job.heldBy(held);
      put(held, now + Math.min(lease, end.remainingNanos()));
    }
  }

  /** Waits for the time to renew a lease that ends then. */
  private synchronized void put(Held held, long end) {
    if (held.over) {
      return;
    }
    held.end = end;
    held.due = end - lease / 3;
    held.number = count++;
    waiting.add(held);
    arm();
  }

  /**
   * Under the lock. A timer that fires too early finds nothing to do, and sets the next: that is cheaper than a new one whenever the
   * job that is due first is settled, which is with nearly every job.
   */
  private void arm() {
    if (timer != null && (waiting.isEmpty() || waiting.first().due - timerAt < 0)) {
      timer.cancel();
      timer = null;
    }
    if (timer == null && !waiting.isEmpty()) {
      timerAt = waiting.first().due;
      timer = time.scheduleAt(timerAt, this::sweep);
    }
  }

  private void sweep() {
    List<Held> ready = new ArrayList<>();
    long now = time.nanos();
    synchronized (this) {
      timer = null;
      while (!waiting.isEmpty() && waiting.first().due - now <= slack) {
        ready.add(waiting.pollFirst());
      }
      arm();
    }
    for (Held held : ready) {
      try {
        renew(held, now);
      } catch (Throwable thrown) {
        // The others have leases that end, too.
        retry(held);
      }
    }
  }

  private void renew(Held held, long now) {
    Delivery<?> job = held.job;
    Delivery<?>.Verb settling = job.settlement();
    if (settling != null) {
      // Goes on only if the settlement fails in a way that leaves the job with us.
      settling.done().whenComplete((done, error) -> retry(held));
      return;
    }
    long left = held.since + maxHeld - now;
    int extensions = job.extensions();
    if (now + left - held.end <= 0 || maxExtensions > 0 && extensions >= maxExtensions) {
      // The lease as it is reaches the cap, or is as long as it can be.
      return;
    }
    long length = Math.min(maxExtensions == 0 ? lease : doubled(extensions), left);
    Deadline wanted = Deadline.after(time, Duration.ofNanos(length));
    job.renew(Duration.ofNanos(length))
        .whenComplete(
            (end, error) -> {
              if (error == null) {
                put(held, now + length - shortfall(wanted, job.leasedUntil()));
              } else if (error instanceof LeaseLostException gone) {
                // Where extensions are counted it may only mean that there are no more: the lease has not ended, and may do.
                if (job.settlement() == null && maxExtensions == 0) {
                  job.lose(gone);
                  onLost.accept(job, gone);
                }
              } else if (!(error instanceof ClientClosedException)) {
                retry(held);
              }
            });
  }

  /** By how much an extension fell short, where each has a limit. Elsewhere a difference is one of clocks. */
  private long shortfall(Deadline wanted, @Nullable Deadline end) {
    return maxExtensions == 0 || end == null ? 0 : Math.max(0, wanted.remainingNanos() - end.remainingNanos());
  }

  private long doubled(int extensions) {
    int most = Long.numberOfLeadingZeros(lease) - 1;
    return lease << Math.min(extensions, most);
  }

  /** Soon again, while there is a lease to renew. */
  private synchronized void retry(Held held) {
    long now = time.nanos();
    if (!held.over && now + slack - held.end < 0) {
      held.due = now + slack;
      held.number = count++;
      waiting.add(held);
      arm();
    }
  }

  /** A job whose lease is renewed. */
  final class Held {
    private final Delivery<?> job;
    private final long since;
    private long end;
    private long due;
    private long number;
    private boolean over;

    private Held(Delivery<?> job, long since) {
      this.job = job;
      this.since = since;
    }

    private int compareDue(Held other) {
      return due == other.due ? Long.compare(number, other.number) : Long.compare(due - other.due, 0);
    }

    /** The job is settled, or no longer ours. */
    void release() {
      synchronized (Renewal.this) {
        over = true;
        waiting.remove(this);
        arm();
      }
    }
  }
}
