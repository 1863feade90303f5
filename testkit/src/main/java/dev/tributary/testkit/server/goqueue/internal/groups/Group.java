package dev.tributary.testkit.server.goqueue.internal.groups;

import dev.tributary.testkit.server.goqueue.internal.store.Alarm;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A group: who is in it, and who reads which partitions of its first topic. Either all of them are dealt out anew whenever somebody comes
 * or goes, or, where its members cooperate, a {@link CooperativeRebalance} moves as few as it can. Guarded by the {@link Coordinator}.
 */
public final class Group {
  /** How long a member may be silent. */
  public static final Duration SESSION = Duration.ofSeconds(30);

  /** The most members of one group. */
  static final int MOST_MEMBERS = 1_000;

  /** Why partitions move. */
  public enum Reason {
    JOINED("member_joined"),
    LEFT("member_left"),
    EXPIRED("member_expired");

    private final String wire;

    Reason(String wire) {
      this.wire = wire;
    }

    @Override
    public String toString() {
      return wire;
    }
  }

  private final String id;
  private final List<String> topics;
  private final Instant createdAt;
  private final SortedMap<String, Member> members = new TreeMap<>();
  private @Nullable CooperativeRebalance rebalance;
  private int partitions;
  private int generation;

  Group(String id, List<String> topics, Instant createdAt) {
    this.id = id;
    this.topics = List.copyOf(topics);
    this.createdAt = createdAt;
  }

  public String id() {
    return id;
  }

  public List<String> topics() {
    return topics;
  }

  /** The only one that is read. */
  public String topic() {
    return topics.get(0);
  }

  public Instant createdAt() {
    return createdAt;
  }

  public int generation() {
    return generation;
  }

  int partitions() {
    return partitions;
  }

  /** In the order of their ids. */
  public Collection<Member> members() {
    return members.values();
  }

  /** Who joined first of those that are there; null without any. */
  public @Nullable Member leader() {
    return members.values().stream().min(Comparator.comparingLong(Member::turn)).orElse(null);
  }

  public String state() {
    if (members.isEmpty()) {
      return "Empty";
    }
    return rebalance != null && rebalance.active() ? "Rebalancing" : "Stable";
  }

  /** How its members cooperate; null if they do not. */
  public @Nullable CooperativeRebalance rebalance() {
    return rebalance;
  }

  /** From now on they do so, or with null not at all. */
  void cooperate(@Nullable CooperativeRebalance how) {
    rebalance = how;
  }

  /** The member of this id; without one, a 404 of this text. */
  public Member member(String member, String missing) {
    Member found = members.get(member);
    if (found == null) {
      throw Refusal.notFound(missing);
    }
    return found;
  }

  /** Whether this is a member that reads this partition. */
  public boolean reads(String member, int partition) {
    Member found = members.get(member);
    return found != null && found.partitions().contains(partition);
  }

  /** Refuses a generation that a member cannot have from its last answer. */
  public void checkGeneration(Member member, int given) {
    if (given != generation && (rebalance == null || !rebalance.knows(member, given))) {
      throw Refusal.conflict("stale generation (rebalance occurred)");
    }
  }

  /** One more, of a topic that has so many partitions. */
  void join(Member member, int ofPartitions, long now) {
    members.put(member.id(), member);
    partitions = ofPartitions;
    changed(Reason.JOINED, now);
    member.tell(generation);
  }

  public void leave(Member member, long now) {
    members.remove(member.id());
    changed(Reason.LEFT, now);
  }

  /** What happens by itself by this time: who was silent for too long is out. */
  void expire(long now) {
    if (members.values().removeIf(member -> expires(member) <= now)) {
      changed(Reason.EXPIRED, now);
    }
    if (rebalance != null) {
      rebalance.expire(now);
    }
  }

  private static long expires(Member member) {
    return member.heard() + SESSION.toNanos();
  }

  /** When something happens by itself. */
  long due() {
    long sessions = members.values().stream().mapToLong(Group::expires).min().orElse(Alarm.NEVER);
    return rebalance == null ? sessions : Math.min(sessions, rebalance.due());
  }

  private void changed(Reason reason, long now) {
    generation++;
    if (rebalance == null) {
      deal();
    } else {
      rebalance.begin(reason, now);
    }
  }

  /** Contiguous blocks in the order of the members' ids; the first get one more if it does not come out even. */
  public void deal() {
    int next = 0;
    int left = members.size();
    for (Member member : members.values()) {
      int share = (partitions - next + left - 1) / left;
      TreeSet<Integer> block = new TreeSet<>();
      for (int end = next + share; next < end; next++) {
        block.add(next);
      }
      member.reads(block);
      left--;
    }
  }
}
