package dev.tributary.testkit.engine;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.StartAt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final String name;
  private final StreamLog log;
  private final long[] committed;
  private final long[] resume;
  private final Map<StreamReader, Set<Integer>> members = new LinkedHashMap<>();

  Group(String name, StreamLog log) {
    this.name = name;
    this.log = log;
    this.committed = new long[log.partitions()];
    this.resume = new long[log.partitions()];
    Arrays.fill(committed, NONE);
    Arrays.fill(resume, NONE);
  }

  String name() {
    return name;
  }

  boolean exists() {
    return !members.isEmpty() || Arrays.stream(committed).anyMatch(offset -> offset != NONE);
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
    byLoad.sort(Comparator.comparingInt((StreamReader m) -> held(m).size()).reversed());
    int share = log.partitions() / byLoad.size();
    int larger = log.partitions() % byLoad.size();
    Map<StreamReader, Integer> shares = new LinkedHashMap<>();
    for (int i = 0; i < byLoad.size(); i++) {
      shares.put(byLoad.get(i), share + (i < larger ? 1 : 0));
    }
    shares.forEach((member, size) -> free.addAll(shrink(member, size)));
    members.keySet().forEach(member -> grow(member, shares.get(member), free));
  }

  private Set<Integer> shrink(StreamReader member, int size) {
    TreeSet<Integer> lost = new TreeSet<>(held(member).stream().skip(size).toList());
    if (!lost.isEmpty()) {
      held(member).removeAll(lost);
      member.revoked(lost);
    }
    return lost;
  }

  private void grow(StreamReader member, int size, TreeSet<Integer> free) {
    Map<Integer, Long> places = new TreeMap<>();
    while (held(member).size() < size) {
      int partition = java.util.Objects.requireNonNull(free.pollFirst());
      if (resume[partition] == NONE) {
        resume[partition] = place(log.partition(partition), committed(partition), member.start());
      }
      held(member).add(partition);
      places.put(partition, resume[partition]);
    }
    if (!places.isEmpty()) {
      member.assigned(places);
    }
  }

  private Set<Integer> held(StreamReader member) {
    return java.util.Objects.requireNonNull(members.get(member));
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
