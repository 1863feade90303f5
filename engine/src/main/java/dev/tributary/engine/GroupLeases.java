package dev.tributary.engine;

import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.GroupTransport;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.ReceiveSpec;
import dev.tributary.spi.Settlement;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which messages of a stream are with which consumers of a group. A message is ready, delayed or leased until it is settled; only its receipt, which is
 * made anew with every lease, settles it. A partition is looked at from when it is first taken from. Used inside the gate.
 */
final class GroupLeases {
  private final StreamLog log;
  private final Group group;
  private final Gate gate;
  private final Clock clock;
  private final Map<Integer, PartitionLeases> partitions = new HashMap<>();
  private final Map<String, LeasedMessage> byReceipt = new HashMap<>();
  private final Takers takers = new Takers();
  private int turn;
  private long deliveries;
  private long acks;
  private long nacks;
  private long rejects;
  private long extensions;
  private long expired;
  private long deadLettered;

  GroupLeases(StreamLog log, Group group, Gate gate) {
    this.log = log;
    this.group = group;
    this.gate = gate;
    this.clock = gate.clock();
  }

  private PartitionLeases of(int partition) {
    return partitions.computeIfAbsent(
        partition, number -> new PartitionLeases(log.partition(number), group.committed(number).orElse(0)));
  }

  private PartitionLeases of(LeasedMessage message) {
    return of(message.partition);
  }

  /** The group goes on from there, whoever said so. */
  void committed(int partition, long next) {
    PartitionLeases known = partitions.get(partition);
    if (known != null) {
      known.committed(next);
      serve();
    }
  }

  // Taking

  /** What a receive takes from. */
  WaitingReceive.Shelf shelf(ReceiveSpec spec) {
    List<Integer> from = new ArrayList<>();
    for (int p = 0; p < log.partitions(); p++) {
      if (spec.partitions().isEmpty() || spec.partitions().contains(p)) {
        from.add(p);
      }
    }
    return new WaitingReceive.Shelf() {
      @Override
      public boolean ready() {
        return from.stream().anyMatch(p -> new Taking(of(p), spec).best() != null);
      }

      @Override
      public List<LeasedJob> lease() {
        return GroupLeases.this.lease(from, spec);
      }

      @Override
      public void giveBack(Collection<LeasedJob> unseen) {
        unseen.forEach(GroupLeases.this::giveBack);
        serve();
      }

      @Override
      public void enlist(Taker taker) {
        takers.add(taker);
      }

      @Override
      public void dismiss(Taker taker) {
        takers.remove(taker);
      }
    };
  }

  /** Hands what is ready to those who wait, in turn. */
  void serve() {
    takers.serve(() -> true);
  }

  private List<LeasedJob> lease(List<Integer> from, ReceiveSpec spec) {
    List<Taking> takings = new ArrayList<>(from.stream().map(p -> new Taking(of(p), spec)).toList());
    Collections.rotate(takings, turn++);
    List<LeasedJob> jobs = new ArrayList<>();
    for (Taking best = best(takings); best != null && jobs.size() < spec.max(); best = best(takings)) {
      jobs.add(lease(best, spec));
    }
    return jobs;
  }

  private static @Nullable Taking best(List<Taking> takings) {
    return takings.stream()
        .filter(taking -> taking.best() != null)
        .min(Comparator.comparingInt((Taking taking) -> -Objects.requireNonNull(taking.best()).priority).thenComparingInt(taking -> taking.taken))
        .orElse(null);
  }

  /** What one receive takes from one partition. */
  private static final class Taking {
    private final PartitionLeases partition;
    private final int room;
    private int taken;

    Taking(PartitionLeases partition, ReceiveSpec spec) {
      this.partition = partition;
      this.room = Math.min(spec.maxOfPartition(), PartitionLeases.MOST_LEASED - partition.leasedBy(spec.consumer()));
    }

    /** The best that is still there; what is gone counts as settled. */
    @Nullable LeasedMessage best() {
      LeasedMessage best = taken < room ? partition.best() : null;
      while (best != null && partition.event(best) == null) {
        partition.settle(best);
        best = partition.best();
      }
      return best;
    }
  }

  private LeasedJob lease(Taking from, ReceiveSpec spec) {
    LeasedMessage message = Objects.requireNonNull(from.best());
    StoredEvent event = Objects.requireNonNull(from.partition.event(message));
    from.taken++;
    deliveries++;
    message.consumer = spec.consumer();
    message.redelivery = spec.redelivery();
    message.receipt = log.newReceipt();
    message.attempts++;
    message.lastDelivery = clock.wall();
    if (message.attempts == 1) {
      message.firstDelivery = message.lastDelivery;
    }
    from.partition.turn(message, LeasedMessage.State.LEASED);
    byReceipt.put(message.receipt, message);
    guard(message, spec.lease());
    return event.leased(message, Deadline.after(clock.source(), spec.lease()));
  }

  private void guard(LeasedMessage message, Duration lease) {
    message.quiet();
    message.alarm = gate.schedule().at(clock.in(lease), () -> lapse(message));
  }

  private void lapse(LeasedMessage message) {
    expired++;
    end(message);
    fail(message, Duration.ZERO, null);
    serve();
  }

  private void end(LeasedMessage message) {
    byReceipt.remove(message.receipt);
    message.quiet();
  }

  private void giveBack(LeasedJob unseen) {
    LeasedMessage message = byReceipt.get(unseen.receipt());
    if (message != null) {
      end(message);
      release(message);
    }
  }

  /** As if this delivery had not been. */
  private void release(LeasedMessage message) {
    message.attempts--;
    again(message, Duration.ZERO);
  }

  /** It comes again, now or later, unless the group was sent past it. */
  private void again(LeasedMessage message, Duration delay) {
    PartitionLeases home = of(message);
    if (home.passed(message)) {
      home.remove(message);
    } else if (delay.isZero()) {
      home.turn(message, LeasedMessage.State.READY);
    } else {
      home.turn(message, LeasedMessage.State.DELAYED);
      message.alarm =
          gate.schedule()
              .at(
                  clock.in(delay),
                  () -> {
                    home.turn(message, LeasedMessage.State.READY);
                    serve();
                  });
    }
  }

  // Settling

  /** Whether this receipt has a message of this group. */
  boolean holds(String receipt) {
    return byReceipt.containsKey(receipt);
  }

  /** Settles what is leased under this receipt. */
  GroupTransport.Settled settle(String receipt, Settlement settlement) {
    LeasedMessage message = Objects.requireNonNull(byReceipt.get(receipt));
    Duration duration = settlement.duration();
    Deadline next = null;
    boolean dead = false;
    int attempt = message.attempts;
    if (settlement.kind() == Settlement.Kind.EXTEND) {
      extensions++;
      Duration lease = Objects.requireNonNull(duration);
      guard(message, lease);
      return settled(message, attempt, false, Deadline.after(clock.source(), lease));
    }
    end(message);
    switch (settlement.kind()) {
      case ACK -> {
        acks++;
        of(message).settle(message);
      }
      case NACK -> {
        nacks++;
        Duration delay = duration == null ? message.redelivery.backoff(attempt) : duration;
        dead = fail(message, delay, settlement.reason());
        next = dead ? null : Deadline.after(clock.source(), delay);
      }
      case RELEASE -> {
        release(message);
        next = Deadline.after(clock.source(), Duration.ZERO);
      }
      case REJECT -> {
        rejects++;
        dead = bury(message, settlement.reason(), true);
      }
      case EXTEND -> throw new AssertionError(settlement);
    }
    moveOn(message.partition);
    GroupTransport.Settled settled = settled(message, attempt, dead, next);
    serve();
    return settled;
  }

  private GroupTransport.Settled settled(LeasedMessage message, int attempt, boolean dead, @Nullable Deadline next) {
    return new GroupTransport.Settled(
        group.name(),
        message.consumer,
        new Position(message.partition, message.offset),
        attempt,
        dead,
        next,
        OptionalLong.of(group.committed(message.partition).orElse(0)),
        OptionalLong.of(of(message).leasedBy(message.consumer)));
  }

  /** Commits how far the group is by now. */
  private void moveOn(int partition) {
    long position = of(partition).position();
    if (position > group.committed(partition).orElse(0)) {
      group.commit(partition, position);
    }
  }

  /** An attempt failed; true if it was the last, and the message is a dead letter now. */
  private boolean fail(LeasedMessage message, Duration delay, @Nullable String reason) {
    boolean dead = message.lastAttempt() && !of(message).passed(message) && bury(message, reason, false);
    if (!dead && message.state == LeasedMessage.State.LEASED) {
      again(message, delay);
    }
    return dead;
  }

  /** Makes it a dead letter. If there can be none, it comes again as late as its policy has it. */
  private boolean bury(LeasedMessage message, @Nullable String reason, boolean rejected) {
    PartitionLeases home = of(message);
    StoredEvent event = home.event(message);
    if (event != null && !log.bury(event, message, group.name(), reason, rejected)) {
      again(message, message.redelivery.maxBackoff());
      return false;
    }
    home.settle(message);
    deadLettered++;
    moveOn(message.partition);
    return true;
  }

  // Looking, and the end

  GroupTransport.Stats stats() {
    long delayed = partitions.values().stream().mapToLong(PartitionLeases::delayed).sum();
    return new GroupTransport.Stats(byReceipt.size(), delayed, deliveries, acks, nacks, rejects, extensions, expired, deadLettered);
  }

  /** The group, or its stream, is no more. */
  void end(TributaryException why) {
    partitions.values().forEach(partition -> partition.unsettled().forEach(partition::remove));
    byReceipt.clear();
    takers.all().forEach(taker -> taker.dismiss(why));
  }
}
