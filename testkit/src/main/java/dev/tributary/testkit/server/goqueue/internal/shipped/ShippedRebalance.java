package dev.tributary.testkit.server.goqueue.internal.shipped;

import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.server.goqueue.internal.groups.CooperativeRebalance;
import dev.tributary.testkit.server.goqueue.internal.groups.Coordinator;
import dev.tributary.testkit.server.goqueue.internal.groups.Group;
import dev.tributary.testkit.server.goqueue.internal.groups.Member;
import dev.tributary.testkit.server.goqueue.internal.groups.RebalanceStats;

/**
 * Cooperation as it is shipped: it never comes to its end, a member may keep one partition more than is fair, and what a member had that
 * fell silent nobody gets until somebody joins or leaves. Guarded by the {@link Coordinator}.
 */
final class ShippedRebalance extends CooperativeRebalance {
  ShippedRebalance(Group group, TimeSource time, RebalanceStats stats) {
    super(group, time, stats, 1);
  }

  @Override
  protected boolean knows(Member member, int generation) {
    return false;
  }

  @Override
  protected void complete() {}

  /** Those that expired are handled as if nobody cooperated, for as long as it takes the others to report. */
  @Override
  public void begin(Group.Reason reason, long now) {
    if (reason == Group.Reason.EXPIRED) {
      group().deal();
    } else {
      super.begin(reason, now);
    }
  }
}
