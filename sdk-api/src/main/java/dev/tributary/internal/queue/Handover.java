package dev.tributary.internal.queue;

import dev.tributary.ResourceName;
import dev.tributary.internal.Calls;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that were given back untried, on their way to the next taker of the same client and queue: for backends that would count an attempt.
 * Such a job stays the delivery that it is. What nobody takes while half of its lease is left goes back to the backend, as does everything
 * when the client closes, so that other clients need not wait for a lease to end. Thread-safe.
 */
public final class Handover {
  private static final System.Logger LOG = System.getLogger("dev.tributary.queue");

  private static final int MAX_HELD = 1_000;

  /** However long a lease is: other clients may be idle meanwhile. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Calls calls;
  private final Map<ResourceName, Line> lines = new HashMap<>();
  private final AtomicInteger signals = new AtomicInteger();
  private int held;
  private boolean opened;
  private boolean closed;

  /** Between the takers of one client. */
  public Handover(Calls calls) {
    this.calls = calls;
  }

  /** Somebody who takes jobs of one queue. */
  interface Taker {
    /** The queue, and what of it. */
    Leasing leasing();

    /** The lease that is wanted. */
    Duration lease();

    /** Whether it waits for a job now. */
    boolean waits();

    /** Takes the job, unless it waits no more. */
    boolean offer(LeasedJob job);
  }

  private static final class Line {
    final ArrayDeque<Held> jobs = new ArrayDeque<>();
    final Set<Taker> takers = new LinkedHashSet<>();
  }

  private record Match(Held held, Taker taker) {}

  private final class Held {
    final Leasing from;
    final LeasedJob job;
    TimeSource.@Nullable Timer timer;
    /** It is with a taker, or back at the backend. */
    boolean gone;
    /** It waited long enough, while a taker was being asked. */
    boolean late;

    Held(Leasing from, LeasedJob job) {
      this.from = from;
      this.job = job;
    }
  }

  /**
   * Hands this job to the next taker, or gives it back to the backend if none comes in time.
   *
   * @return false if it cannot be held, and should be given back to the backend now
   */
  boolean hold(Leasing from, LeasedJob job) {
    Held mine = new Held(from, job);
    long time = holdingTime(job);
    if (time <= 0 || !add(mine)) {
      return false;
    }
    TimeSource.Timer timer = calls.time().schedule(Duration.ofNanos(time), () -> expire(mine));
    synchronized (this) {
      mine.timer = timer;
      if (mine.gone) {
        timer.cancel();
      }
    }
    serve();
    return true;
  }

  private static long holdingTime(LeasedJob job) {
    Deadline end = job.leaseDeadline();
    long longest = LONGEST.toNanos();
    return end == null ? longest : Math.min(longest, end.remainingNanos() - Deadline.nanos(end.timeout()) / 2);
  }

  private boolean add(Held mine) {
    if (!open()) {
      return false;
    }
    synchronized (this) {
      if (closed || held >= MAX_HELD) {
        return false;
      }
      held++;
      line(mine.from.queue()).jobs.add(mine);
      return true;
    }
  }

  /** Whether the client is open; it empties this when it closes. */
  private boolean open() {
    synchronized (this) {
      if (opened || closed) {
        return !closed;
      }
      opened = true;
    }
    if (calls.open().add(within -> close())) {
      return true;
    }
    synchronized (this) {
      closed = true;
    }
    return false;
  }

  /** Jobs that are held, for a taker who does not wait yet. */
  List<LeasedJob> take(Taker taker, int max) {
    List<LeasedJob> taken = new ArrayList<>();
    synchronized (this) {
      Line line = lines.get(taker.leasing().queue());
      if (line != null) {
        for (Iterator<Held> each = line.jobs.iterator(); each.hasNext() && taken.size() < max; ) {
          Held next = each.next();
          if (fits(next, taker)) {
            each.remove();
            gone(next);
            taken.add(next.job);
          }
        }
        forgetIfEmpty(taker.leasing().queue());
      }
    }
    return taken;
  }

  /** Waits for a job, until it has one and waits for no other. */
  void enlist(Taker taker) {
    synchronized (this) {
      if (closed || !taker.waits()) {
        return;
      }
      line(taker.leasing().queue()).takers.add(taker);
    }
    serve();
  }

  /** Waits no more. */
  synchronized void leave(Taker taker) {
    Line line = lines.get(taker.leasing().queue());
    if (line != null) {
      line.takers.remove(taker);
      forgetIfEmpty(taker.leasing().queue());
    }
  }

  private Line line(ResourceName queue) {
    return lines.computeIfAbsent(queue, first -> new Line());
  }

  private void forgetIfEmpty(ResourceName queue) {
    Line line = lines.get(queue);
    if (line != null && line.jobs.isEmpty() && line.takers.isEmpty()) {
      lines.remove(queue);
    }
  }

  private static boolean fits(Held held, Taker taker) {
    Deadline end = held.job.leaseDeadline();
    return taker.leasing().covers(held.job.partition())
        && (end == null || end.remainingNanos() >= Deadline.nanos(taker.lease()) / 2);
  }

  /** One thread at a time, and a loop and not a recursion: a taker may give back at once. */
  private void serve() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      for (Match next = match(); next != null; next = match()) {
        hand(next);
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private synchronized @Nullable Match match() {
    for (Line line : lines.values()) {
      for (Held job : line.jobs) {
        for (Taker taker : line.takers) {
          if (fits(job, taker)) {
            line.jobs.remove(job);
            line.takers.remove(taker);
            return new Match(job, taker);
          }
        }
      }
    }
    return null;
  }

  private void hand(Match match) {
    boolean taken = false;
    try {
      taken = match.taker.offer(match.held.job);
    } catch (Throwable thrown) {
      LOG.log(System.Logger.Level.WARNING, "A job of " + match.held.from.queue() + " could not be handed over", thrown);
    }
    boolean back = false;
    synchronized (this) {
      if (taken) {
        gone(match.held);
      } else if (closed || match.held.late) {
        back = true;
        gone(match.held);
      } else {
        line(match.held.from.queue()).jobs.addFirst(match.held);
      }
      if (taken && !closed && match.taker.waits()) {
        line(match.taker.leasing().queue()).takers.add(match.taker);
      }
      forgetIfEmpty(match.held.from.queue());
    }
    if (back) {
      match.held.from.sendBack(match.held.job);
    }
  }

  /** Under the lock. */
  private void gone(Held job) {
    job.gone = true;
    held--;
    if (job.timer != null) {
      job.timer.cancel();
    }
  }

  private void expire(Held late) {
    synchronized (this) {
      Line line = lines.get(late.from.queue());
      late.late = true;
      if (line == null || !line.jobs.remove(late)) {
        return;
      }
      gone(late);
      forgetIfEmpty(late.from.queue());
    }
    late.from.sendBack(late.job);
  }

  /** The client closes. */
  private CompletableFuture<Void> close() {
    List<Held> all = new ArrayList<>();
    synchronized (this) {
      closed = true;
      lines.values().forEach(line -> all.addAll(line.jobs));
      lines.clear();
      all.forEach(this::gone);
    }
    return CompletableFuture.allOf(all.stream().map(each -> each.from.sendBack(each.job)).toArray(CompletableFuture[]::new));
  }
}
