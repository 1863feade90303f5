package dev.tributary.testkit.server.goqueue.internal.groups;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Alarm;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How the partitions of a group move from member to member while those that stay go on being read. First everybody who has to gives
 * partitions up, or has them taken {@link #PATIENCE} later; then everybody is told what is theirs. So no partition ever has two readers.
 * Guarded by the {@link Coordinator}.
 */
public class CooperativeRebalance {
  /** How long members may hold on to what they have to give up. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How far a rebalance is. */
  public enum Phase {
    /** There was none yet. */
    NONE,
    /** Partitions are given up. */
    PENDING_REVOKE,
    /** Members are told what is theirs. */
    PENDING_ASSIGN,
    /** Everybody has what is theirs. */
    COMPLETE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What a member hears when it reports.
   *
   * @param active whether partitions move
   * @param revoke what it has to give up
   * @param assigned all that is its own, again and again, for an answer may be lost; null as long as that is not known
   * @param generation the generation that this makes it know
   * @param phase how far the rebalance is
   * @param deadline by when it has to give up what it has to; null if that is nothing
   */
  public record Report(
      boolean active,
      SortedSet<Integer> revoke,
      @Nullable SortedSet<Integer> assigned,
      int generation,
      Phase phase,
      @Nullable Instant deadline) {}

  private final Group group;
  private final TimeSource time;
  private final RebalanceStats stats;
  private final int slack;
  private final Map<String, SortedSet<Integer>> target = new HashMap<>();
  private final Set<String> untold = new HashSet<>();
  private Phase phase = Phase.NONE;
  private long began;
  private long deadline;
  private Instant deadlineAt = Instant.MAX;

  public CooperativeRebalance(Group group, TimeSource time, RebalanceStats stats) {
    this(group, time, stats, 0);
  }

  /** With so many partitions more than a fair share that a member may keep. */
  public CooperativeRebalance(Group group, TimeSource time, RebalanceStats stats, int slack) {
    this.group = group;
    this.time = time;
    this.stats = stats;
    this.slack = slack;
  }

  protected Group group() {
    return group;
  }

  public Phase phase() {
    return phase;
  }

  boolean active() {
    return phase == Phase.PENDING_REVOKE || phase == Phase.PENDING_ASSIGN;
  }

  /** Whether a member may still speak of this generation: until it reports, it does not know better. */
  protected boolean knows(Member member, int generation) {
    return member.told() == generation;
  }

  /** Somebody came or went. */
  public void begin(Group.Reason reason, long now) {
    if (active()) {
      stats.failed();
    }
    target.clear();
    untold.clear();
    phase = Phase.NONE;
    if (group.members().isEmpty()) {
      return;
    }
    stats.began(reason, time.now());
    began = now;
    target.putAll(sticky(group.members(), group.partitions(), slack));
    untold.addAll(target.keySet());
    deadline = now + PATIENCE.toNanos();
    deadlineAt = time.now().plus(PATIENCE);
    phase = Phase.PENDING_REVOKE;
    assignIfFree();
  }

  /** What a member has and is not to keep. */
  SortedSet<Integer> owed(Member member) {
    TreeSet<Integer> owed = new TreeSet<>(member.partitions());
    owed.removeAll(target.getOrDefault(member.id(), new TreeSet<>()));
    return owed;
  }

  /** A member reports, and hears what it has to do. */
  public Report report(Member member) {
    member.report();
    if (phase == Phase.PENDING_ASSIGN) {
      give(member);
    }
    SortedSet<Integer> owed = phase == Phase.PENDING_REVOKE ? owed(member) : new TreeSet<>();
    return new Report(
        active(),
        owed,
        phase == Phase.PENDING_REVOKE ? null : target.get(member.id()),
        member.told(),
        phase,
        owed.isEmpty() ? null : deadlineAt);
  }

  private void give(Member member) {
    SortedSet<Integer> own = target.getOrDefault(member.id(), new TreeSet<>());
    stats.assigned((int) own.stream().filter(partition -> !member.partitions().contains(partition)).count());
    member.reads(own);
    member.tell(group.generation());
    if (untold.remove(member.id()) && untold.isEmpty()) {
      complete();
    }
  }

  /** Everybody was told. */
  protected void complete() {
    phase = Phase.COMPLETE;
    stats.succeeded(Duration.ofNanos(time.nanos() - began));
  }

  /** A member gives up these; says how many it still has to. */
  public int revoked(Member member, int generation, Collection<Integer> given) {
    if (generation != group.generation() && generation != member.told()) {
      throw Refusal.conflict("stale generation");
    } else if (!active()) {
      throw Refusal.conflict("no active rebalance");
    } else if (phase == Phase.PENDING_REVOKE) {
      SortedSet<Integer> lost = owed(member);
      lost.retainAll(given);
      take(member, lost);
      assignIfFree();
    }
    return phase == Phase.PENDING_REVOKE ? owed(member).size() : 0;
  }

  private void take(Member member, SortedSet<Integer> lost) {
    member.partitions().removeAll(lost);
    stats.revoked(lost.size());
  }

  /** Takes what was not given up in time. */
  void expire(long now) {
    if (due() <= now) {
      for (Member member : group.members()) {
        SortedSet<Integer> owed = owed(member);
        if (!owed.isEmpty()) {
          take(member, owed);
          stats.timedOut();
        }
      }
      assignIfFree();
    }
  }

  private void assignIfFree() {
    if (group.members().stream().allMatch(member -> owed(member).isEmpty())) {
      phase = Phase.PENDING_ASSIGN;
    }
  }

  /** When something happens by itself. */
  long due() {
    return phase == Phase.PENDING_REVOKE ? deadline : Alarm.NEVER;
  }

  /** What everybody is to read: as much as they can of what they have, then what nobody has, to whoever has least. */
  private static Map<String, SortedSet<Integer>> sticky(Collection<Member> members, int partitions, int slack) {
    List<Member> byLoad = new ArrayList<>(members);
    byLoad.sort(Comparator.comparingInt((Member member) -> member.partitions().size()).reversed());
    TreeSet<Integer> free = new TreeSet<>();
    for (int p = 0; p < partitions; p++) {
      free.add(p);
    }
    int larger = partitions % byLoad.size();
    Map<String, SortedSet<Integer>> target = new LinkedHashMap<>();
    for (int i = 0; i < byLoad.size(); i++) {
      boolean more = slack > 0 ? larger > 0 : i < larger;
      int most = partitions / byLoad.size() + (more ? 1 : 0) + slack;
      TreeSet<Integer> kept = new TreeSet<>(byLoad.get(i).partitions());
      kept.retainAll(free);
      while (kept.size() > most) {
        kept.pollLast();
      }
      free.removeAll(kept);
      target.put(byLoad.get(i).id(), kept);
    }
    for (int partition : free) {
      target.values().stream().min(Comparator.comparingInt(SortedSet::size)).ifPresent(least -> least.add(partition));
    }
    return target;
  }
}
