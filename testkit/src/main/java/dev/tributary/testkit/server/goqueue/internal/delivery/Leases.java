package dev.tributary.testkit.server.goqueue.internal.delivery;

import dev.tributary.spi.TimeSource;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.store.Alarm;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are with which members, for every group by itself. A message is with a member for as long as it asks, or as long as that
 * extends it; then, or when it is given up, it waits for the next, and after {@link #MOST_DELIVERIES} it is condemned. There is a
 * {@link Ledger} for each partition that a group polls: as many as groups have partitions. A member has at most {@link #MOST_HELD} messages
 * of a partition. Thread-safe.
 */
public final class Leases {
  public static final Duration VISIBILITY = Duration.ofSeconds(30);
  static final int MOST_DELIVERIES = 3;
  static final int MOST_HELD = 1_000;

  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
  private static final Duration LAST_BACKOFF = Duration.ofSeconds(60);
  private static final int RECEIPT_BYTES = 8;

  private final TimeSource time;
  private final Listener listener;
  private final Alarm alarm;
  private final SecureRandom random = new SecureRandom();
  private final Map<GroupPartition, Ledger> ledgers = new HashMap<>();
  private final Map<String, Ledger.Entry> byReceipt = new HashMap<>();
  private final TreeSet<Ledger.Entry> byDue =
      new TreeSet<>(Comparator.comparingLong((Ledger.Entry entry) -> entry.due).thenComparingLong(Ledger.Entry::number));
  private final Set<String> readyTopics = new LinkedHashSet<>();
  private final List<Lease> condemned = new ArrayList<>();
  private long numbers;
  private int takes;

  /** Who hears of what happens to messages by itself; not inside. */
  interface Listener {
    /** There is a message of this topic that waited for its time. */
    void ready(String topic);

    /** A member had it for too long. */
    void expired(Lease lease);

    /** It was delivered as often as it may be: see that it is {@link #buried}, or {@link #spared} for now. */
    void condemned(Lease lease);
  }

  /**
   * One delivery of a message to a member.
   *
   * @param receipt what the member has to show for it
   * @param delivery which delivery it is, from 1
   */
  record Lease(
      Ledger.Entry entry,
      GroupPartition place,
      long offset,
      String member,
      String receipt,
      int delivery,
      Instant firstDelivery,
      Instant lastDelivery) {}

  Leases(TimeSource time, Listener listener) {
    this.time = time;
    this.listener = listener;
    this.alarm = new Alarm(time, this::ring);
  }

  /** Begins to look after what ends by itself. */
  void start() {
    inside(
        () -> {
          alarm.start();
          return rearm();
        });
  }

  /** Nothing ends by itself any more, until it is asked for. */
  synchronized void stop() {
    alarm.stop();
  }

  private void ring() {
    inside(
        () -> {
          alarm.rang();
          return rearm();
        });
  }

  private boolean rearm() {
    if (!byDue.isEmpty()) {
      alarm.by(byDue.first().due);
    }
    return true;
  }

  /** Whether more has to be known of a partition to hand out its messages. */
  synchronized boolean wantsMore(GroupPartition place) {
    Ledger ledger = ledgers.get(place);
    return ledger != null && ledger.wantsMore();
  }

  /** From which offset on nothing is known of a partition. */
  synchronized long scanned(GroupPartition place) {
    Ledger ledger = ledgers.get(place);
    return ledger == null ? 0 : ledger.scanned();
  }

  /** The messages from there on: between them there is none and never will be. */
  synchronized void found(GroupPartition place, List<Message<byte[]>> messages) {
    Ledger ledger = ledgers.get(place);
    if (ledger != null) {
      ledger.found(messages, () -> numbers++);
    }
  }

  /** Somebody is about to hand out messages of a partition, of which this is committed: nothing, if the group never did. */
  synchronized void open(GroupPartition place, OptionalLong committed) {
    Ledger ledger = ledgers.get(place);
    if (ledger != null && committed.isEmpty() && ledger.everCommitted()) {
      forget(place);
      ledger = null;
    }
    if (ledger == null) {
      ledgers.put(place, new Ledger(place, committed.orElse(0)));
    } else {
      ledger.committed(committed.orElse(0));
    }
  }

  /** The group goes on from there. */
  synchronized void committed(GroupPartition place, long next) {
    Ledger ledger = ledgers.get(place);
    if (ledger != null) {
      ledger.committed(next);
    }
  }

  /** What is to be stored of where the group is; empty if that is done. */
  synchronized OptionalLong toCommit(GroupPartition place) {
    Ledger ledger = ledgers.get(place);
    return ledger == null ? OptionalLong.empty() : ledger.toCommit();
  }

  /**
   * Hands a member up to {@code each} messages of each of these partitions, and up to {@code all} together: those of the highest priority
   * first, of the same priority from the partition that gave least, of one partition by their offsets. Another partition begins each time.
   */
  List<Lease> take(List<GroupPartition> places, Deliveries.Ask ask) {
    return inside(
        () -> {
          List<Taking> from = new ArrayList<>();
          for (GroupPartition place : places) {
            Ledger ledger = ledgers.get(place);
            if (ledger != null) {
              from.add(new Taking(ledger, Math.min(ask.each(), MOST_HELD - ledger.heldBy(ask.member()))));
            }
          }
          Collections.rotate(from, takes++);
          List<Lease> taken = new ArrayList<>();
          for (Taking best = best(from); best != null && taken.size() < ask.all(); best = best(from)) {
            taken.add(hold(best.ledger, best.next(), ask));
            best.taken++;
          }
          return taken;
        });
  }

  private static @Nullable Taking best(List<Taking> from) {
    return from.stream()
        .filter(Taking::hasMore)
        .min(Comparator.comparingInt((Taking each) -> -each.next().priority()).thenComparingInt(each -> each.taken))
        .orElse(null);
  }

  /** What is taken from one partition. */
  private static final class Taking {
    private final Ledger ledger;
    private final int room;
    private int taken;

    Taking(Ledger ledger, int room) {
      this.ledger = ledger;
      this.room = room;
    }

    boolean hasMore() {
      return taken < room && ledger.next() != null;
    }

    Ledger.Entry next() {
      return Objects.requireNonNull(ledger.next());
    }
  }

  private Lease hold(Ledger ledger, Ledger.Entry entry, Deliveries.Ask ask) {
    ledger.hold(entry, ask.member());
    entry.deliveries++;
    entry.lastDelivery = time.now();
    if (entry.deliveries == 1) {
      entry.firstDelivery = entry.lastDelivery;
    }
    entry.receipt = receipt(entry);
    byReceipt.put(entry.receipt, entry);
    await(entry, ask.visibility());
    return lease(entry);
  }

  private String receipt(Ledger.Entry entry) {
    byte[] bytes = new byte[RECEIPT_BYTES];
    random.nextBytes(bytes);
    GroupPartition place = entry.place();
    return place.topic()
        + ":"
        + place.partition()
        + ":"
        + entry.offset()
        + ":"
        + entry.deliveries
        + ":"
        + HexFormat.of().formatHex(bytes);
  }

  private static Lease lease(Ledger.Entry entry) {
    return new Lease(
        entry,
        entry.place(),
        entry.offset(),
        entry.member,
        entry.receipt,
        entry.deliveries,
        entry.firstDelivery,
        entry.lastDelivery);
  }

  private void await(Ledger.Entry entry, Duration delay) {
    entry.due = Alarm.in(time, delay);
    byDue.add(entry);
    alarm.by(entry.due);
  }

  private void awaitNothing(Ledger.Entry entry) {
    byDue.remove(entry);
    entry.due = Alarm.NEVER;
  }

  private Ledger.Entry end(String receipt) {
    Ledger.Entry entry = find(receipt);
    byReceipt.remove(receipt);
    awaitNothing(entry);
    return entry;
  }

  private Ledger.Entry find(String receipt) {
    Ledger.Entry entry = byReceipt.get(receipt);
    if (entry == null) {
      throw Refusal.internal(Deliveries.UNKNOWN);
    }
    return entry;
  }

  /** It did not get to the member: as if it had never been handed out. No effect if the lease has ended. */
  void giveBack(Lease lease) {
    inside(
        () -> {
          if (byReceipt.containsKey(lease.receipt())) {
            Ledger.Entry entry = end(lease.receipt());
            entry.deliveries--;
            ready(entry);
          }
          return true;
        });
  }

  /** The member did not begin with it: as if it had never been handed out. */
  Lease release(String receipt) {
    return inside(
        () -> {
          Ledger.Entry entry = end(receipt);
          Lease lease = lease(entry);
          entry.deliveries--;
          ready(entry);
          return lease;
        });
  }

  private void ready(Ledger.Entry entry) {
    entry.ledger().back(entry, Ledger.State.READY);
    readyTopics.add(entry.place().topic());
  }

  /** There is no such message any more. */
  void gone(Lease lease) {
    inside(
        () -> {
          if (byReceipt.containsKey(lease.receipt())) {
            Ledger.Entry entry = end(lease.receipt());
            entry.ledger().settle(entry);
          }
          return true;
        });
  }

  /**
   * What an ack came to.
   *
   * @param watermark up to here, exclusive, everything is settled
   * @param advanced whether this made it so
   * @param held how many messages of the partition the member still has
   */
  record Acked(Lease lease, long watermark, boolean advanced, int held) {}

  /** The member is done with it. */
  Acked ack(String receipt) {
    return inside(
        () -> {
          Ledger.Entry entry = end(receipt);
          boolean advanced = entry.ledger().settle(entry);
          return new Acked(lease(entry), entry.ledger().watermark(), advanced, entry.ledger().heldBy(entry.member));
        });
  }

  /**
   * What a nack came to.
   *
   * @param condemned whether it was the last delivery
   * @param visibleAt when somebody gets it again
   */
  record Nacked(Lease lease, boolean condemned, Instant visibleAt) {}

  /** The member gives it up; it rests for the delay that is made of the number of its next delivery. */
  Nacked nack(String receipt, IntFunction<Duration> delay) {
    return inside(
        () -> {
          Ledger.Entry entry = end(receipt);
          Duration rest = delay.apply(entry.deliveries + 1);
          boolean last = fail(entry, rest, false);
          return new Nacked(lease(entry), last, time.now().plus(last ? Duration.ZERO : rest));
        });
  }

  /** How long a message rests before its next delivery has this number, unless somebody says otherwise. */
  static Duration backoff(int delivery) {
    Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(delivery - 1, 30));
    return backoff.compareTo(LAST_BACKOFF) < 0 ? backoff : LAST_BACKOFF;
  }

  /** It is to be delivered once more, if it may. Says whether it may not. */
  private boolean fail(Ledger.Entry entry, Duration rest, boolean byItself) {
    if (entry.deliveries >= MOST_DELIVERIES) {
      entry.ledger().back(entry, Ledger.State.CONDEMNED);
      if (byItself && entry.state() == Ledger.State.CONDEMNED) {
        condemned.add(lease(entry));
      }
      return entry.state() == Ledger.State.CONDEMNED;
    }
    if (rest.isZero()) {
      ready(entry);
    } else {
      entry.ledger().back(entry, Ledger.State.RESTING);
      if (entry.state() == Ledger.State.RESTING) {
        await(entry, rest);
      }
    }
    return false;
  }

  /** The member does not want anybody to have it: it is condemned. */
  Lease reject(String receipt) {
    return inside(
        () -> {
          Ledger.Entry entry = end(receipt);
          entry.ledger().back(entry, Ledger.State.CONDEMNED);
          return lease(entry);
        });
  }

  /** What was condemned is a dead letter now. */
  void buried(Lease lease) {
    inside(
        () -> {
          if (lease.entry().state() == Ledger.State.CONDEMNED) {
            lease.entry().ledger().settle(lease.entry());
          }
          return true;
        });
  }

  /** What was condemned could not be made a dead letter: it is condemned again after this time. */
  void spared(Lease lease, Duration until) {
    inside(
        () -> {
          if (lease.entry().state() == Ledger.State.CONDEMNED) {
            await(lease.entry(), until);
          }
          return true;
        });
  }

  /** What was rejected could not be made a dead letter: the member has it again, for a whole lease, under the same receipt. */
  void returned(Lease lease) {
    inside(
        () -> {
          Ledger.Entry entry = lease.entry();
          if (entry.state() == Ledger.State.CONDEMNED) {
            entry.ledger().hold(entry, lease.member());
            byReceipt.put(lease.receipt(), entry);
            await(entry, VISIBILITY);
          }
          return true;
        });
  }

  /** The member has it this long from now. */
  Instant extend(String receipt, Duration by) {
    return inside(
        () -> {
          Ledger.Entry entry = find(receipt);
          awaitNothing(entry);
          await(entry, by);
          return time.now().plus(by);
        });
  }

  /** How many messages are with members. */
  synchronized int held() {
    return byReceipt.size();
  }

  /** How many messages wait for their time. */
  synchronized int resting() {
    return (int) byDue.stream().filter(entry -> entry.state() == Ledger.State.RESTING).count();
  }

  /** There is no such group any more. */
  synchronized void forgetGroup(String group) {
    List.copyOf(ledgers.keySet()).stream().filter(place -> place.group().equals(group)).forEach(this::forget);
  }

  /** The messages of this topic are others from now on. */
  synchronized void forgetTopic(String topic) {
    List.copyOf(ledgers.keySet()).stream().filter(place -> place.topic().equals(topic)).forEach(this::forget);
  }

  private void forget(GroupPartition place) {
    Ledger ledger = ledgers.remove(place);
    if (ledger != null) {
      List.copyOf(ledger.entries())
          .forEach(
              entry -> {
                byReceipt.remove(entry.receipt, entry);
                byDue.remove(entry);
                ledger.settle(entry);
              });
    }
  }

  /** Does something after all that should have happened by now, and then tells of what did. */
  private <T> T inside(Supplier<T> use) {
    List<Lease> expired = new ArrayList<>();
    List<Lease> dead;
    List<String> topics;
    try {
      synchronized (this) {
        expire(expired);
        return use.get();
      }
    } finally {
      synchronized (this) {
        dead = List.copyOf(condemned);
        condemned.clear();
        topics = List.copyOf(readyTopics);
        readyTopics.clear();
      }
      expired.forEach(listener::expired);
      topics.forEach(listener::ready);
      dead.forEach(listener::condemned);
    }
  }

  private void expire(List<Lease> expired) {
    long now = time.nanos();
    while (!byDue.isEmpty() && byDue.first().due <= now) {
      Ledger.Entry entry = byDue.first();
      awaitNothing(entry);
      switch (entry.state()) {
        case HELD -> {
          byReceipt.remove(entry.receipt);
          expired.add(lease(entry));
          fail(entry, Duration.ZERO, true);
        }
        case RESTING -> ready(entry);
        case CONDEMNED -> condemned.add(lease(entry));
        case READY, GONE -> {}
      }
    }
  }
}
