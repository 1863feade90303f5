package dev.tributary.internal.stream;

import dev.tributary.ResourceName;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The groups of a client whose subscriptions begin where they stopped. A subscription commits nothing by itself, so one for whose group nobody
 * commits begins at the same message after every restart: that is said once, at its first message after {@link #PATIENCE} or at the end. Thread-safe.
 */
public final class Uncommitted {
  private static final System.Logger LOG = System.getLogger("dev.tributary.subscription");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST = 1_000;

  private final TimeSource time;
  private final ConcurrentMap<Group, Reading> groups = new ConcurrentHashMap<>();

  private record Group(ResourceName stream, String name) {}

  /** None yet, on this time. */
  public Uncommitted(TimeSource time) {
    this.time = time;
  }

  /** A subscription begins where the group stopped. */
  Reading reading(ResourceName stream, String group) {
    Group read = new Group(stream, group);
    return groups.size() < MOST ? groups.computeIfAbsent(read, Reading::new) : new Reading(read);
  }

  /** Something here commits for the group. */
  void committed(ResourceName stream, String group) {
    reading(stream, group).settled();
  }

  /** The client closes. */
  public void close() {
    groups.values().forEach(Reading::end);
  }

  /** A group that is read. */
  final class Reading {
    private static final long UNREAD = Long.MAX_VALUE;
    /** There is nothing to say, or it was said. */
    private static final long SETTLED = Long.MIN_VALUE;

    private final Group group;
    /** When its first message was handed over. */
    private final AtomicLong since = new AtomicLong(UNREAD);

    private Reading(Group group) {
      this.group = group;
    }

    /** A message of it was handed over. */
    void handedOver() {
      long first = since.get();
      if (first == SETTLED) {
        return;
      }
      long now = time.nanos();
      if (first == UNREAD) {
        since.compareAndSet(UNREAD, now);
      } else if (now - first >= PATIENCE.toNanos()) {
        say(first);
      }
    }

    private void settled() {
      since.set(SETTLED);
    }

    private void end() {
      long first = since.get();
      if (first != SETTLED && first != UNREAD) {
        say(first);
      }
    }

    private void say(long first) {
      if (since.compareAndSet(first, SETTLED)) {
        String text = "%s is read from where group %s stopped, but nothing of this client commits for it: a restart begins there again. %s";
        String hint = "Use consumer(\"" + group.name + "\"), or commit what was handled";
        LOG.log(System.Logger.Level.WARNING, text.formatted(group.stream, group.name, hint));
      }
    }
  }
}
