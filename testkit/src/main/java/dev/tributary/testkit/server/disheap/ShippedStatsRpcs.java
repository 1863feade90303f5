package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.disheap.proto.StatsReq;
import dev.tributary.vertx.internal.disheap.proto.StatsResp;
import java.util.concurrent.CompletableFuture;

/** What the shipped engine counts: everything together, whatever is asked for, and not what it never does. */
final class ShippedStatsRpcs extends StatsRpcs {
  private final ShippedLeaseRpcs settled;

  ShippedStatsRpcs(Heaps heaps, Leases leases, String node, ShippedLeaseRpcs settled) {
    super(heaps, leases, node);
    this.settled = settled;
  }

  @Override
  CompletableFuture<StatsResp> stats(StatsReq request, Deadline deadline) {
    return Steps.map(
        global(deadline),
        counts ->
            StatsResp.newBuilder()
                .setGlobalStats(counts.toBuilder().clearInflightMessages().clearDlqMessages().setTotalAcks(settled.acks()))
                .build());
  }
}
