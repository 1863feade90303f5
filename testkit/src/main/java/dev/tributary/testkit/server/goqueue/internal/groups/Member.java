package dev.tributary.testkit.server.goqueue.internal.groups;

import java.time.Instant;
import java.util.SortedSet;
import java.util.TreeSet;

/** A member of a group. Guarded by the {@link Coordinator}. */
public final class Member {
  private final String id;
  private final String clientId;
  private final Instant joinedAt;
  private final long turn;
  /** What it reads. */
  private final SortedSet<Integer> partitions = new TreeSet<>();
  private Instant lastHeartbeat;
  private long heard;
  private int told;
  private boolean reported;

  /**
   * Somebody who has just joined.
   *
   * @param turn the later it joined, the higher
   * @param now the same time by the clock that is measured by
   */
  Member(String id, String clientId, long turn, Instant joinedAt, long now) {
    this.id = id;
    this.clientId = clientId;
    this.turn = turn;
    this.joinedAt = joinedAt;
    this.lastHeartbeat = joinedAt;
    this.heard = now;
  }

  public String id() {
    return id;
  }

  public String clientId() {
    return clientId;
  }

  public Instant joinedAt() {
    return joinedAt;
  }

  long turn() {
    return turn;
  }

  public SortedSet<Integer> partitions() {
    return partitions;
  }

  /** It reads these, and no others. */
  void reads(SortedSet<Integer> these) {
    partitions.clear();
    partitions.addAll(these);
  }

  public Instant lastHeartbeat() {
    return lastHeartbeat;
  }

  /** When it was heard of last. */
  long heard() {
    return heard;
  }

  public void hear(Instant at, long now) {
    lastHeartbeat = at;
    heard = now;
  }

  /** The generation it was told last. */
  int told() {
    return told;
  }

  void tell(int generation) {
    told = generation;
  }

  /** Whether it has reported since it joined, as members of cooperative groups do. */
  public boolean reported() {
    return reported;
  }

  void report() {
    reported = true;
  }
}
