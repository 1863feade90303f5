package dev.tributary.testkit.server.goqueue.internal.groups;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.store.Alarm;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * All groups: as many as {@link #MOST_GROUPS}, each made when somebody first joins it, for the topics that are named then. Members that are
 * silent for {@link Group#SESSION} are out. Thread-safe; what is done with groups is done inside, one after the other.
 */
public class Coordinator {
  public static final int MOST_GROUPS = 10_000;

  private final TimeSource time;
  private final Consumer<String> moved;
  private final RebalanceStats stats = new RebalanceStats();
  private final SortedMap<String, Group> groups = new TreeMap<>();
  private final Set<String> movedTopics = new LinkedHashSet<>();
  private final Alarm alarm;
  /** Nothing happens by itself before. */
  private long next = Alarm.NEVER;
  private long turns;
  private long lastId;

  /** With somebody who is told, not inside, the topics whose partitions have moved between members. */
  public Coordinator(TimeSource time, Consumer<String> moved) {
    this.time = time;
    this.moved = moved;
    this.alarm = new Alarm(time, this::ring);
  }

  /** Begins to look after sessions. Whoever is a member has a whole one: it could not be heard of before. */
  public synchronized void start() {
    alarm.start();
    groups.values().forEach(group -> group.members().forEach(member -> member.hear(time.now(), time.nanos())));
    awaitAll();
  }

  /** Nothing happens by itself any more. */
  public synchronized void stop() {
    alarm.stop();
  }

  /** As if there had never been any group. */
  protected synchronized void forget() {
    groups.clear();
  }

  private void ring() {
    synchronized (this) {
      alarm.rang();
    }
    inside(
        now -> {
          alarm.by(next);
          return now;
        });
  }

  /** Does something with a group that is there; without one, a 404. */
  public <T> T in(String id, Function<Group, T> use) {
    return inside(
        now -> {
          Group group = groups.get(id);
          if (group == null) {
            throw Refusal.notFound("group not found");
          }
          return changing(group, () -> use.apply(group));
        });
  }

  /**
   * What there is to know of a group that may be there or not.
   *
   * @param topics what it reads; empty if it is not there
   * @param generation 0 if it is not there
   */
  public record Known(List<String> topics, int generation) {}

  public Known known(String id) {
    return inside(
        now -> {
          Group group = groups.get(id);
          return group == null ? new Known(List.of(), 0) : new Known(group.topics(), group.generation());
        });
  }

  /** Does something with each group, in the order of their ids. */
  public <T> List<T> each(Function<Group, T> use) {
    return inside(now -> groups.values().stream().map(use).toList());
  }

  /** What became of rebalances. */
  public RebalanceStats.Snapshot stats() {
    return inside(now -> stats.snapshot());
  }

  /**
   * Somebody joins.
   *
   * @param topics what is read, if there is no such group yet
   * @param partitions how many partitions the first topic has
   * @param told makes of the group and of its new member what the client is told
   */
  public <T> T join(
      String id, String clientId, List<String> topics, int partitions, boolean cooperative, BiFunction<Group, Member, T> told) {
    return inside(
        now -> {
          Group group = groups.containsKey(id) ? groups.get(id) : new Group(id, topics, time.now());
          if (groups.size() >= MOST_GROUPS && !groups.containsKey(id)) {
            throw refused("there are " + MOST_GROUPS + " groups already");
          } else if (group.members().size() >= Group.MOST_MEMBERS) {
            throw refused("group " + id + " has " + Group.MOST_MEMBERS + " members already");
          }
          admit(group, cooperative);
          groups.put(id, group);
          Member member = new Member(memberId(clientId), clientId, turns++, time.now(), now);
          return changing(
              group,
              () -> {
                group.join(member, partitions, now);
                return told.apply(group, member);
              });
        });
  }

  protected static Refusal refused(String reason) {
    return Refusal.internal("failed to join group: " + reason);
  }

  /** Who comes first says whether the members of a group cooperate. */
  protected void admit(Group group, boolean cooperative) {
    if (group.members().isEmpty()) {
      follow(group, cooperative);
    } else if ((group.rebalance() != null) != cooperative) {
      throw refused("the members of group " + group.id() + (cooperative ? " do not cooperate" : " cooperate"));
    }
  }

  /** From now on they do, or do not. */
  protected final void follow(Group group, boolean cooperative) {
    group.cooperate(cooperative ? cooperation(group, time, stats) : null);
  }

  protected CooperativeRebalance cooperation(Group group, TimeSource clock, RebalanceStats counted) {
    return new CooperativeRebalance(group, clock, counted);
  }

  /** A name that nobody has or had. */
  private String memberId(String clientId) {
    Instant now = time.now();
    lastId = Math.max(lastId + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
    return clientId + "-" + Long.toHexString(lastId);
  }

  /** Takes a group away. */
  public Group delete(String id) {
    return in(
        id,
        group -> {
          groups.remove(id);
          movedTopics.add(group.topic());
          return group;
        });
  }

  private <T> T changing(Group group, Supplier<T> use) {
    int before = group.generation();
    try {
      return use.get();
    } finally {
      if (group.generation() != before) {
        movedTopics.add(group.topic());
      }
      await(group);
    }
  }

  /** Does something after all that should have happened by now. */
  private <T> T inside(LongFunction<T> use) {
    try {
      synchronized (this) {
        long now = time.nanos();
        if (next <= now) {
          groups.values().forEach(group -> expire(group, now));
          awaitAll();
        }
        return use.apply(now);
      }
    } finally {
      tell();
    }
  }

  private void expire(Group group, long now) {
    changing(
        group,
        () -> {
          group.expire(now);
          return group;
        });
  }

  private void tell() {
    List<String> topics;
    synchronized (this) {
      topics = List.copyOf(movedTopics);
      movedTopics.clear();
    }
    topics.forEach(moved);
  }

  private void awaitAll() {
    next = Alarm.NEVER;
    groups.values().forEach(this::await);
  }

  private void await(Group group) {
    next = Math.min(next, group.due());
    alarm.by(next);
  }
}
