package dev.tributary.engine;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A group of a stream: how far it is, and which member reads what. Every partition has one member; nobody has two more than another;
 * a partition moves only if it must. Where the next reader of a partition begins is where the group last committed, or where its
 * reader began if nothing was committed since; that is forgotten when the last member leaves, and the commits are not.
 */
final class Group {
  private static final long NONE = -1;
  /** How long a member may take to commit for what it hands over. */
  private static final Duration HAND_OVER = Duration.ofSeconds(5);

  private final String name;
  private final StreamLog log;
  private final Gate gate;
  private final long[] committed;
  private final long[] resume;
  private final Map<StreamReader, Set<Integer>> members = new LinkedHashMap<>();
  private final Set<HandOver> leaving = new LinkedHashSet<>();
  private @Nullable GroupLeases leases;

  Group(String name, StreamLog log, Gate gate) {
    this.name = name;
    this.log = log;
    this.gate = gate;
    this.committed = new long[log.partitions()];
    this.resume = new long[log.partitions()];
    Arrays.fill(committed, NONE);
    Arrays.fill(resume, NONE);
  }

  String name() {
    return name;
  }

  boolean exists() {
    return !members.isEmpty() || leases != null || Arrays.stream(committed).anyMatch(offset -> offset != NONE);
  }

  /** What it has under leases, from now on. */
  GroupLeases leases() {
    if (leases == null) {
      leases = new GroupLeases(log, this, gate);
    }
    return leases;
  }

  /** The same, if it ever had any. */
  @Nullable GroupLeases knownLeases() {
    return leases;
  }

  OptionalLong committed(int partition) {
    log.partition(partition);
    return committed[partition] == NONE ? OptionalLong.empty() : OptionalLong.of(committed[partition]);
  }

  void commit(int partition, long next) {
    log.partition(partition);
    if (next < 0) {
      throw InvalidRequestException.of("offset " + next + " is negative", "Commit the next offset to read, from 0");
    }
    committed[partition] = next;
    if (resume[partition] != NONE) {
      resume[partition] = next;
    }
    if (leases != null) {
      leases.committed(partition, next);
    }
  }

  GroupState state() {
    List<GroupState.PartitionState> all = new ArrayList<>();
    for (int p = 0; p < log.partitions(); p++) {
      Partition partition = log.partition(p);
      all.add(
          new GroupState.PartitionState(p, committed(p), partition.latest(), partition.count(Math.max(0, committed[p]))));
    }
    return new GroupState(
        name, all, members.entrySet().stream().map(member -> new GroupState.Member(member.getKey().id(), member.getValue())).toList());
  }

  void join(StreamReader member) {
    members.put(member, new TreeSet<>());
    balance();
  }

  void leave(StreamReader member) {
    if (members.remove(member) == null) {
      return;
    }
    leaving.removeIf(handOver -> handOver.isOf(member));
    if (members.isEmpty()) {
      Arrays.fill(resume, NONE);
    } else {
      balance();
    }
  }

  private void balance() {
    TreeSet<Integer> free = new TreeSet<>();
    for (int p = 0; p < log.partitions(); p++) {
      free.add(p);
    }
    members.values().forEach(free::removeAll);
    // Whoever has most keeps the larger share, so that the fewest partitions move; the sort is stable.
    List<StreamReader> byLoad = new ArrayList<>(members.keySet());
    byLoad.sort(Comparator.comparingInt((StreamReader m) -> staying(m).size()).reversed());
    int share = log.partitions() / byLoad.size();
    int larger = log.partitions() % byLoad.size();
    Map<StreamReader, Integer> shares = new LinkedHashMap<>();
    for (int i = 0; i < byLoad.size(); i++) {
      shares.put(byLoad.get(i), share + (i < larger ? 1 : 0));
    }
    shares.forEach(this::shrink);
    List.copyOf(members.keySet()).forEach(member -> grow(member, shares.get(member), free));
    if (leaving.isEmpty()) {
      members.keySet().stream().filter(member -> !member.told()).forEach(member -> member.assigned(Map.of()));
    }
  }

  /** What a member has and is not about to hand over. */
  private Set<Integer> staying(StreamReader member) {
    Set<Integer> staying = new TreeSet<>(held(member));
    leaving.stream().filter(handOver -> handOver.isOf(member)).forEach(handOver -> staying.removeAll(handOver.partitions));
    return staying;
  }

  private void shrink(StreamReader member, int size) {
    TreeSet<Integer> lost = new TreeSet<>(staying(member).stream().skip(size).toList());
    if (!lost.isEmpty()) {
      HandOver handOver = new HandOver(member, lost);
      leaving.add(handOver);
      handOver.begin();
    }
  }

  private void grow(StreamReader member, int size, TreeSet<Integer> free) {
    Map<Integer, Long> places = new TreeMap<>();
    while (staying(member).size() < size && !free.isEmpty()) {
      int partition = Objects.requireNonNull(free.pollFirst());
      try {
        if (resume[partition] == NONE) {
          resume[partition] = member.begin(log.partition(partition), committed(partition));
        }
      } catch (OffsetOutOfRangeException gone) {
        // Ends the member, after what is going on here.
        gate.after(() -> gate.run(() -> member.end(gone)));
        return;
      }
      held(member).add(partition);
      places.put(partition, resume[partition]);
    }
    if (!places.isEmpty()) {
      member.assigned(places);
    }
  }

  /** Partitions that a member is about to lose, and has until it has committed for them. */
  private final class HandOver {
    private final StreamReader member;
    private final Set<Integer> partitions;
    private Schedule.@Nullable Entry end;

    HandOver(StreamReader member, Set<Integer> partitions) {
      this.member = member;
      this.partitions = partitions;
    }

    boolean isOf(StreamReader other) {
      return member == other;
    }

    void begin() {
      end = gate.schedule().at(gate.clock().in(HAND_OVER), this::finish);
      member.revoking(partitions, this::finish);
    }

    private void finish() {
      if (end != null) {
        end.cancel();
      }
      if (leaving.remove(this)) {
        held(member).removeAll(partitions);
        member.revoked(partitions);
        balance();
      }
    }
  }

  private Set<Integer> held(StreamReader member) {
    return Objects.requireNonNull(members.get(member));
  }

  private static OptionalLong ofGroup(@Nullable OptionalLong committed) {
    if (committed == null) {
      throw InvalidRequestException.of("only a group has committed offsets", "Name a group, or start elsewhere");
    }
    return committed;
  }

  /** The offset of a place. */
  static long place(Partition partition, @Nullable OptionalLong committed, StartAt start) {
    if (start instanceof StartAt.Offset at) {
      return at.offset();
    }
    if (start instanceof StartAt.Time at) {
      return partition.at(at.time());
    }
    return switch ((StartAt.Fixed) start) {
      case EARLIEST -> partition.first();
      case LATEST -> partition.end();
      case COMMITTED -> ofGroup(committed).orElseGet(partition::first);
      case COMMITTED_ELSE_LATEST -> ofGroup(committed).orElseGet(partition::end);
    };
  }
}
