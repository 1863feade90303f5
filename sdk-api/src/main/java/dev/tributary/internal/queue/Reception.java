package dev.tributary.internal.queue;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call that takes jobs, over all its tries. Remembers what was leased until the caller has it: if the call is cancelled, fails or is
 * completed by somebody else in between, at whatever moment, the jobs are given back.
 */
final class Reception implements Handover.Taker {
  private final Leasing leasing;
  private final @Nullable Handover handover;
  private final IntSupplier max;
  private final Duration lease;
  private final Deadline endOfWait;
  private @Nullable List<LeasedJob> held;
  private boolean abandoned;
  private @Nullable LongPoll poll;
  private volatile @Nullable Object handed;

  Reception(Leasing leasing, @Nullable Handover handover, IntSupplier max, Duration lease, Duration maxWait) {
    this.leasing = leasing;
    this.handover = handover;
    this.max = max;
    this.lease = lease;
    this.endOfWait = Deadline.after(leasing.time(), maxWait);
  }

  TimeSource time() {
    return leasing.time();
  }

  /** A try. */
  CompletableFuture<List<LeasedJob>> begin(Deadline deadline) {
    LongPoll next = new LongPoll(this, deadline);
    synchronized (this) {
      poll = next;
      if (held != null) {
        // Somebody of this client handed it over while the try before this one failed.
        next.complete(held);
        return next;
      }
    }
    if (handover == null) {
      next.poll();
      return next;
    }
    List<LeasedJob> jobs = handover.take(this, max.getAsInt());
    if (!jobs.isEmpty()) {
      next.take(jobs);
      return next;
    }
    next.poll();
    if (!next.isDone()) {
      handover.enlist(this);
      next.whenComplete((done, error) -> handover.leave(this));
    }
    return next;
  }

  @Override
  public Leasing leasing() {
    return leasing;
  }

  @Override
  public Duration lease() {
    return lease;
  }

  @Override
  public synchronized boolean waits() {
    return !abandoned && held == null && poll != null && !poll.isDone();
  }

  /** Somebody else of this client gives one back, while this waits for the backend. */
  @Override
  public boolean offer(LeasedJob job) {
    LongPoll running;
    synchronized (this) {
      if (!waits()) {
        return false;
      }
      held = List.of(job);
      running = poll;
    }
    if (running != null) {
      running.end(List.of(job));
    }
    return true;
  }

  CompletableFuture<List<LeasedJob>> ask(Duration wait, Deadline deadline) {
    return leasing.transport().receive(leasing.queue(), max.getAsInt(), lease, wait, deadline);
  }

  /** What is left of the wait the caller asked for. */
  long remainingNanos() {
    return endOfWait.remainingNanos();
  }

  /** How much of it the backend can do now. */
  Duration waitAtBackend() {
    Duration left = Duration.ofNanos(Math.max(0, remainingNanos()));
    Duration longest = leasing.checks().limits().maxWait();
    return left.compareTo(longest) < 0 ? left : longest;
  }

  /** These were leased. Whether the call may have them: else they are given back. */
  boolean arrived(List<LeasedJob> jobs) {
    synchronized (this) {
      if (!abandoned && held == null) {
        held = jobs;
        return true;
      }
    }
    jobs.forEach(leasing::giveBack);
    return false;
  }

  /** This is made of the jobs and about to become the call's result. */
  <R> R handOver(R result) {
    handed = result;
    return result;
  }

  /** Whether this result of the call is what was made of the jobs, and not another that somebody completed it with. */
  boolean handedOver(@Nullable Object result) {
    return result == handed;
  }

  /** Nobody waits for them any more. */
  void abandon() {
    List<LeasedJob> back;
    synchronized (this) {
      abandoned = true;
      back = held;
      held = null;
    }
    if (back != null) {
      back.forEach(leasing::giveBack);
    }
  }

  /** The client closes: ends the wait, and gives back what came meanwhile. */
  CompletableFuture<Void> close() {
    LongPoll running;
    synchronized (this) {
      running = poll;
    }
    if (running != null) {
      running.end(leasing.calls().closedError());
    }
    return leasing.givenBack();
  }
}
