package dev.tributary.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A moment at which something ends, by the client's monotonic clock: the time of a call, the lease of a job.
 *
 * <p>Made where it becomes known, as a distance from then: when a user calls, when an answer arrives. A wall clock takes no part in it,
 * so that neither a clock that is set nor a server whose clock differs moves an end.
 */
public final class Deadline implements Comparable<Deadline> {
  private static final long LONGEST = Long.MAX_VALUE / 2;

  private final TimeSource time;
  private final Duration timeout;
  private final long endNanos;
  // Where the call is whose deadline this is. That it was sent is final, and so is that it never will be: one of them comes first.
  private static final int UNKNOWN = 0;
  private static final int WAITS = 1;
  private static final int SENT = 2;
  private static final int WITHDRAWN = 3;
  private static final AtomicIntegerFieldUpdater<Deadline> PLACE = AtomicIntegerFieldUpdater.newUpdater(Deadline.class, "place");
  private volatile int place;

  private Deadline(TimeSource time, Duration timeout, long endNanos) {
    this.time = time;
    this.timeout = timeout;
    this.endNanos = endNanos;
  }

  /** This long from now; at once if that is negative. */
  public static Deadline after(TimeSource time, Duration timeout) {
    return new Deadline(time, timeout, time.nanos() + nanos(timeout));
  }

  /** A duration in nanoseconds, at most some 146 years, which is for ever; zero if it is negative. */
  public static long nanos(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return duration.getSeconds() >= LONGEST / 1_000_000_000 ? LONGEST : duration.toNanos();
  }

  /** How long it was when it was set. */
  public Duration timeout() {
    return timeout;
  }

  /** Nanoseconds left; zero or less if it has passed. */
  public long remainingNanos() {
    return endNanos - time.nanos();
  }

  /** What is left; zero if it has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, remainingNanos()));
  }

  /**
   * For transports: the call waits, for a connection or for credentials, and nothing of it has left. So a caller whose time is over while it
   * waits can be told that nothing was done. Of no effect once something was {@link #sent()}.
   */
  public void waits() {
    PLACE.compareAndSet(this, UNKNOWN, WAITS);
  }

  /**
   * For transports: something of the call is about to leave.
   *
   * @return false if it must not any more: the caller was told that nothing was done
   */
  public boolean sent() {
    return PLACE.compareAndSet(this, UNKNOWN, SENT) || PLACE.compareAndSet(this, WAITS, SENT) || place == SENT;
  }

  /** For the client: the caller's time is over. Whether nothing of the call has left, as the transport said, and nothing will. */
  public boolean withdraw() {
    return PLACE.compareAndSet(this, WAITS, WITHDRAWN) || place == WITHDRAWN;
  }

  /** Runs a task as soon as it has passed, by the rules of {@link TimeSource#schedule}. */
  public TimeSource.Timer whenPassed(Runnable task) {
    return time.scheduleAt(endNanos, task);
  }

  /** Whether it has passed. */
  public boolean expired() {
    return remainingNanos() <= 0;
  }

  /** The moment that much later; earlier if that is negative. */
  public Deadline plus(Duration more) {
    return new Deadline(time, timeout, more.isNegative() ? endNanos - nanos(more.negated()) : endNanos + nanos(more));
  }

  /** Whether it is later than the other, which is of the same clock. */
  public boolean isAfter(Deadline other) {
    return compareTo(other) > 0;
  }

  /** The earlier one first; both are of the same clock. */
  @Override
  public int compareTo(Deadline other) {
    return Long.compare(endNanos - other.endNanos, 0);
  }

  /** When that is by the wall clock as it goes now: to be shown and sent, not to be compared with. */
  public Instant instant() {
    return time.now().plusNanos(remainingNanos());
  }

  @Override
  public String toString() {
    return expired() ? Duration.ofNanos(-remainingNanos()) + " ago" : "in " + remaining();
  }
}
