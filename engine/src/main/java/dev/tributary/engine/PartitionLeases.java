package dev.tributary.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a group has done with one partition. Everything before {@code committed} is settled. From there to {@code scanned} all that is not
 * settled is in {@link #unsettled}, so that the first of these is where the group is; what lies beyond was not looked at yet.
 *
 * <p>It looks ahead for {@value #WINDOW} messages that are ready, among which priorities count, and knows at most {@value #MOST} that are not settled:
 * one that nobody settles does not hold up the others, but as many as that do. Used inside the gate.
 */
final class PartitionLeases {
  static final int WINDOW = 10_000;
  static final int MOST = 100_000;
  /** The most of a partition that one consumer has. */
  static final int MOST_LEASED = 1_000;

  private final Partition partition;
  private final TreeMap<Long, LeasedMessage> unsettled = new TreeMap<>();
  private final TreeSet<LeasedMessage> ready = new TreeSet<>(LeasedMessage.BEST_FIRST);
  private final Map<String, Integer> leased = new HashMap<>();
  /** Settled beyond what was scanned, after the group was sent back. */
  private final TreeSet<Long> settledAhead = new TreeSet<>();

  private long committed;
  private long scanned;

  PartitionLeases(Partition partition, long committed) {
    this.partition = partition;
    this.committed = committed;
    this.scanned = committed;
  }

  /** Where the group is: the first offset that is not settled. */
  long position() {
    Long first = unsettled.ceilingKey(committed);
    return first == null ? scanned : Math.min(first, scanned);
  }

  /** The group goes on from there. What waits and lies before is settled; if it goes back, everything from there on waits again but what is leased. */
  void committed(long next) {
    if (next < committed) {
      settledAhead.clear();
      forget(unsettled);
      scanned = next;
    } else {
      forget(unsettled.headMap(next));
      settledAhead.headSet(next).clear();
      scanned = Math.max(scanned, next);
    }
    committed = next;
  }

  private void forget(Map<Long, LeasedMessage> which) {
    which.values().stream().filter(message -> message.state != LeasedMessage.State.LEASED).toList().forEach(this::remove);
  }

  /** Whether the group was sent past it. */
  boolean passed(LeasedMessage message) {
    return message.offset < committed;
  }

  /** The best that is ready; null if nothing is. */
  @Nullable LeasedMessage best() {
    scan();
    return ready.isEmpty() ? null : ready.first();
  }

  /** Offsets without a message have none for good. */
  private void scan() {
    while (ready.size() < WINDOW && unsettled.size() < MOST) {
      StoredEvent event = partition.from(scanned);
      if (event == null) {
        scanned = Math.max(scanned, partition.end());
        return;
      }
      scanned = event.offset() + 1;
      if (!settledAhead.remove(event.offset()) && !unsettled.containsKey(event.offset())) {
        LeasedMessage message = new LeasedMessage(event);
        unsettled.put(message.offset, message);
        ready.add(message);
      }
    }
  }

  /** The event of a message; null if it is not there any more. */
  @Nullable StoredEvent event(LeasedMessage message) {
    StoredEvent event = partition.from(message.offset);
    return event == null || event.offset() != message.offset ? null : event;
  }

  /** It is in another state from now on. */
  void turn(LeasedMessage message, LeasedMessage.State state) {
    leave(message);
    message.state = state;
    if (state == LeasedMessage.State.READY) {
      ready.add(message);
    } else if (state == LeasedMessage.State.LEASED) {
      leased.merge(message.consumer, 1, Integer::sum);
    }
  }

  private void leave(LeasedMessage message) {
    if (message.state == LeasedMessage.State.READY) {
      ready.remove(message);
    } else if (message.state == LeasedMessage.State.LEASED) {
      leased.computeIfPresent(message.consumer, (consumer, count) -> count == 1 ? null : count - 1);
    }
  }

  /** It is settled. */
  void settle(LeasedMessage message) {
    remove(message);
    if (message.offset >= scanned) {
      settledAhead.add(message.offset);
    }
  }

  /** Nothing is known of it any more. */
  void remove(LeasedMessage message) {
    message.quiet();
    leave(message);
    unsettled.remove(message.offset);
  }

  /** How many a consumer has. */
  int leasedBy(String consumer) {
    return leased.getOrDefault(consumer, 0);
  }

  long delayed() {
    return unsettled.values().stream().filter(message -> message.state == LeasedMessage.State.DELAYED).count();
  }

  Collection<LeasedMessage> unsettled() {
    return List.copyOf(unsettled.values());
  }
}
