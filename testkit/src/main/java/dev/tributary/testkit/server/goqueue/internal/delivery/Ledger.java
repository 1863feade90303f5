package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.store.Alarm;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a group has done with the messages of one partition. Up to a watermark all are settled: that is what the group commits. Beyond it
 * some are settled, some are with members, and some wait, the ones of higher priority first. Knows the {@link #WINDOW} messages that come
 * next, so that priorities count among these, and at most {@link #MOST} that are not settled: one that nobody settles does not hold up
 * the others, but as many as that do. Guarded by its {@link Leases}.
 */
final class Ledger {
  static final int WINDOW = 10_000;
  static final int MOST = 100_000;

  /** What becomes of a message before it is settled. */
  enum State {
    /** Whoever asks gets it. */
    READY,
    /** Nobody gets it before its time. */
    RESTING,
    /** A member has it. */
    HELD,
    /** It is on its way to the dead letters. */
    CONDEMNED,
    /** The group is past it. */
    GONE
  }

  /** A message that is not settled. */
  static final class Entry {
    private final Ledger ledger;
    private final long offset;
    private final int priority;
    private final long number;
    private State state = State.READY;
    /** When its state ends by itself. */
    long due = Alarm.NEVER;
    /** How often it was delivered. */
    int deliveries;
    /** Who has it, or had it last. */
    String member = "";
    /** What that member has to show for it. */
    String receipt = "";
    Instant firstDelivery = Instant.EPOCH;
    Instant lastDelivery = Instant.EPOCH;

    private Entry(Ledger ledger, long offset, int priority, long number) {
      this.ledger = ledger;
      this.offset = offset;
      this.priority = priority;
      this.number = number;
    }

    Ledger ledger() {
      return ledger;
    }

    State state() {
      return state;
    }

    GroupPartition place() {
      return ledger.place;
    }

    long offset() {
      return offset;
    }

    int priority() {
      return priority;
    }

    /** Of all entries of all ledgers, the later it was made, the higher. */
    long number() {
      return number;
    }
  }

  private final GroupPartition place;
  private final Map<Long, Entry> entries = new HashMap<>();
  private final TreeSet<Entry> ready =
      new TreeSet<>(Comparator.comparingInt((Entry entry) -> -entry.priority).thenComparingLong(entry -> entry.offset));
  private final Map<String, Integer> held = new HashMap<>();
  private Spans settled = new Spans();
  private long watermark;
  private long committed;
  private long scanned;

  Ledger(GroupPartition place, long committed) {
    this.place = place;
    this.committed = committed;
    this.watermark = committed;
    this.scanned = committed;
  }

  /** Up to here, exclusive, everything is settled. */
  long watermark() {
    return watermark;
  }

  /** Whether the group was ever anywhere but at the beginning. */
  boolean everCommitted() {
    return committed > 0;
  }

  /** What there is to commit, if that is not done already. */
  OptionalLong toCommit() {
    return watermark > committed ? OptionalLong.of(watermark) : OptionalLong.empty();
  }

  /**
   * This is committed now. If that was done here, nothing changes. If somebody went forward, what lies before is settled; if somebody went
   * back, everything from there on waits again, but for what members have.
   */
  void committed(long next) {
    if (next < committed) {
      settled = new Spans();
      List.copyOf(entries.values()).stream().filter(entry -> waits(entry)).forEach(this::forget);
      watermark = next;
      scanned = next;
    } else if (next > watermark) {
      List.copyOf(entries.values()).stream().filter(entry -> entry.offset < next && waits(entry)).forEach(this::forget);
      settled.dropBefore(next);
      watermark = settled.after(next);
      scanned = Math.max(scanned, watermark);
    }
    committed = next;
  }

  private static boolean waits(Entry entry) {
    return entry.state == State.READY || entry.state == State.RESTING;
  }

  private void forget(Entry entry) {
    turn(entry, State.GONE);
    entries.remove(entry.offset, entry);
  }

  private void turn(Entry entry, State state) {
    if (entry.state == State.READY) {
      ready.remove(entry);
    } else if (entry.state == State.HELD) {
      held.computeIfPresent(entry.member, (member, count) -> count == 1 ? null : count - 1);
    }
    entry.state = state;
  }

  /** Whether it wants to know of more messages. */
  boolean wantsMore() {
    return ready.size() < WINDOW && entries.size() < MOST;
  }

  /** From where on it does. */
  long scanned() {
    return scanned;
  }

  /** These are the next ones from there on: offsets between them have no message and never will. */
  void found(Collection<Message<byte[]>> messages, LongSupplier numbers) {
    for (Message<byte[]> message : messages) {
      long offset = message.offset();
      settled.add(scanned, offset);
      if (!settled.has(offset) && !entries.containsKey(offset)) {
        Entry entry = new Entry(this, offset, message.priority(), numbers.getAsLong());
        entries.put(offset, entry);
        ready.add(entry);
      }
      scanned = Math.max(scanned, offset + 1);
    }
    advance();
  }

  /** The next one that whoever asks gets; null if there is none. */
  @Nullable Entry next() {
    return ready.isEmpty() ? null : ready.first();
  }

  /** A member has it. */
  void hold(Entry entry, String member) {
    turn(entry, State.HELD);
    entry.member = member;
    held.merge(member, 1, Integer::sum);
  }

  /** How many a member has. */
  int heldBy(String member) {
    return held.getOrDefault(member, 0);
  }

  /** It waits again, unless the group went past it meanwhile: now, or for its time, or to be a dead letter. */
  void back(Entry entry, State state) {
    turn(entry, state);
    if (entry.offset < watermark) {
      forget(entry);
    } else if (state == State.READY) {
      ready.add(entry);
    }
  }

  /** It is done with. Says whether the watermark moved. */
  boolean settle(Entry entry) {
    forget(entry);
    settled.add(Math.max(watermark, entry.offset), entry.offset + 1);
    long before = watermark;
    advance();
    return watermark > before;
  }

  private void advance() {
    watermark = settled.after(watermark);
    settled.dropBefore(watermark);
  }

  /** All that are not settled. */
  Collection<Entry> entries() {
    return entries.values();
  }
}
