package dev.tributary.testkit.server.goqueue.internal.groups;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of the rebalances of all groups whose members cooperate. Guarded by the {@link Coordinator}. */
public final class RebalanceStats {
  private final Map<Group.Reason, Long> byReason = new EnumMap<>(Group.Reason.class);
  private long total;
  private long successful;
  private long failed;
  private long revoked;
  private long assigned;
  private long timeouts;
  private long lastMillis;
  private long allMillis;
  private @Nullable Instant lastAt;

  void began(Group.Reason reason, Instant now) {
    total++;
    byReason.merge(reason, 1L, Long::sum);
    lastAt = now;
  }

  void succeeded(Duration took) {
    successful++;
    lastMillis = took.toMillis();
    allMillis += lastMillis;
  }

  void failed() {
    failed++;
  }

  void revoked(int partitions) {
    revoked += partitions;
  }

  void assigned(int partitions) {
    assigned += partitions;
  }

  void timedOut() {
    timeouts++;
  }

  /**
   * As of now.
   *
   * @param total how many began
   * @param successful how many of them every member has heard the end of
   * @param failed how many did not get that far before the next one began, or nobody was left
   * @param revoked partitions that were taken from members
   * @param assigned partitions that were given to members
   * @param timeouts members that did not give up partitions in time
   * @param lastMillis how long the last successful one took
   * @param averageMillis how long successful ones took on average
   * @param lastAt when the last one began; null if none did
   * @param byReason how many began for which reason
   */
  public record Snapshot(
      long total,
      long successful,
      long failed,
      long revoked,
      long assigned,
      long timeouts,
      long lastMillis,
      long averageMillis,
      @Nullable Instant lastAt,
      Map<Group.Reason, Long> byReason) {}

  Snapshot snapshot() {
    return new Snapshot(
        total,
        successful,
        failed,
        revoked,
        assigned,
        timeouts,
        lastMillis,
        successful == 0 ? 0 : allMillis / successful,
        lastAt,
        new EnumMap<>(byReason));
  }
}
