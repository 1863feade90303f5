package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.TimeSource;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The messages that are with clients, by the tokens of their leases: as many as {@link #MOST}, beyond which those that end first are
 * forgotten, as if they had. Thread-safe.
 */
final class Leases {
  private static final int MOST = 100_000;
  private static final int TOKEN_BYTES = 32;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder();

  private final TimeSource time;
  private final int most;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Lease> byToken = new HashMap<>();
  private final TreeSet<Lease> byEnd =
      new TreeSet<>(Comparator.comparing((Lease lease) -> lease.end).thenComparingLong(lease -> lease.number));
  private long granted;

  /** One message with one client. */
  static final class Lease {
    private final Heap heap;
    private final String token;
    private final long number;
    private final Object owner;
    private LeasedJob job;
    private Deadline end;
    private int extensions;

    private Lease(Heap heap, String token, long number, Object owner, LeasedJob job, Deadline end) {
      this.heap = heap;
      this.token = token;
      this.number = number;
      this.owner = owner;
      this.job = job;
      this.end = end;
    }

    Heap heap() {
      return heap;
    }

    String token() {
      return token;
    }
  }

  Leases(TimeSource time) {
    this(time, MOST);
  }

  Leases(TimeSource time, int most) {
    this.time = time;
    this.most = most;
  }

  /** Grants one to somebody; it ends when the transport says, or after this long where that does not say. */
  synchronized Lease grant(Heap heap, LeasedJob job, Duration length, Object owner) {
    expire();
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    Deadline end = job.leaseDeadline() == null ? Deadline.after(time, length) : job.leaseDeadline();
    Lease lease = new Lease(heap, BASE64.encodeToString(bytes), granted++, owner, job, end);
    byToken.put(lease.token, lease);
    byEnd.add(lease);
    if (byToken.size() > most) {
      drop(byEnd.first());
    }
    return lease;
  }

  /** The lease of this token, if it is of this heap and has not ended. */
  synchronized Lease find(Heap heap, String token) {
    expire();
    Lease lease = byToken.get(token);
    if (lease == null || lease.heap != heap) {
      throw unknown();
    }
    return lease;
  }

  /** The same, if it is of this message too. */
  synchronized Lease find(Heap heap, String token, String id) {
    Lease lease = find(heap, token);
    if (!lease.job.id().equals(id)) {
      throw unknown();
    }
    return lease;
  }

  private static RuntimeException unknown() {
    return Errors.precondition("the lease is unknown, was settled, or has ended");
  }

  /** The lease under which this message is with a client, or null. */
  synchronized @Nullable Lease ofMessage(Heap heap, String id) {
    expire();
    return byEnd.descendingSet().stream().filter(lease -> lease.heap == heap && lease.job.id().equals(id)).findFirst().orElse(null);
  }

  /** Those that somebody was granted and still has. */
  synchronized List<Lease> grantedTo(Object owner) {
    expire();
    return byEnd.stream().filter(lease -> lease.owner == owner).toList();
  }

  /** The message, with the end of its lease as of now. */
  synchronized LeasedJob job(Lease lease) {
    return lease.job;
  }

  /** When it ends, for the client. */
  synchronized Instant end(Lease lease) {
    return lease.end.instant();
  }

  /** Moves its end, and counts that. */
  synchronized Instant extend(Lease lease, Duration by, int mostExtensions) {
    if (lease.extensions >= mostExtensions) {
      throw Errors.precondition("the lease was extended " + mostExtensions + " times already");
    }
    lease.extensions++;
    move(lease, lease.end.plus(by));
    return lease.end.instant();
  }

  /** It was not extended after all. */
  synchronized void undoExtension(Lease lease, Duration by) {
    lease.extensions--;
    move(lease, lease.end.plus(by.negated()));
  }

  private void move(Lease lease, Deadline end) {
    boolean there = byEnd.remove(lease);
    lease.end = end;
    lease.job = lease.job.withLeaseDeadline(end);
    if (there) {
      byEnd.add(lease);
    }
  }

  /** It is settled. */
  synchronized void drop(Lease lease) {
    byEnd.remove(lease);
    byToken.remove(lease.token);
  }

  /** Forgets those that have ended, and counts them. */
  synchronized void expire() {
    while (!byEnd.isEmpty() && byEnd.first().end.expired()) {
      Lease ended = byEnd.first();
      drop(ended);
      ended.heap.timeouts.increment();
    }
  }
}
