package dev.tributary.testkit.server.goqueue;

import dev.tributary.spi.TimeSource;

/**
 * Cooperation as it is shipped: it never comes to its end, a member may keep one partition more than is fair, and what a member had that
 * fell silent nobody gets until somebody joins or leaves. Guarded by the {@link Coordinator}.
 */
final class ShippedRebalance extends CooperativeRebalance {
  ShippedRebalance(Group group, TimeSource time, RebalanceStats stats) {
    super(group, time, stats, 1);
  }

  @Override
  boolean knows(Member member, int generation) {
    return false;
  }

  @Override
  void complete() {}

  /** Those that expired are handled as if nobody cooperated, for as long as it takes the others to report. */
  @Override
  void begin(Group.Reason reason, long now) {
    if (reason == Group.Reason.EXPIRED) {
      group().deal();
    } else {
      super.begin(reason, now);
    }
  }
}
