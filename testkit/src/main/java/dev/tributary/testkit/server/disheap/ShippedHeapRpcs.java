package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Empty;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapResp;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PeekResp;
import dev.tributary.vertx.internal.disheap.proto.PurgeReq;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** What the shipped engine makes of rpcs about heaps. */
final class ShippedHeapRpcs extends HeapRpcs {
  private final ShippedHeaps heaps;
  private final ServerOptions options;
  private final Cluster cluster;

  ShippedHeapRpcs(ShippedHeaps heaps, StatsRpcs stats, ServerOptions options, Cluster cluster) {
    super(heaps, stats, options, cluster);
    this.heaps = heaps;
    this.options = options;
    this.cluster = cluster;
  }

  @Override
  CompletableFuture<MakeHeapResp> makeHeap(MakeHeapReq request, Deadline deadline) {
    if (!cluster.leads()) {
      throw Rejection.internal("could not make the heap: " + cluster.node() + " is not leader");
    }
    return super.makeHeap(request, deadline);
  }

  /** In another order each time. */
  @Override
  CompletableFuture<List<Heap>> listed(Deadline deadline) {
    return Steps.map(
        super.listed(deadline),
        all -> {
          List<Heap> touched = new ArrayList<>(all.stream().filter(heaps::touched).toList());
          Collections.shuffle(touched, new Random(Double.doubleToLongBits(options.jitter().getAsDouble())));
          return touched;
        });
  }

  @Override
  CompletableFuture<HeapInfo> described(Heap heap, Deadline deadline) {
    return CompletableFuture.completedFuture(heap.info().toBuilder().clearDlqPolicy().build());
  }

  @Override
  CompletableFuture<Empty> purge(Heap heap, PurgeReq request, Deadline deadline) {
    throw Errors.unimplemented("Purge is not implemented");
  }

  @Override
  CompletableFuture<PeekResp> peek(Heap heap, PeekReq request, Deadline deadline) {
    return CompletableFuture.completedFuture(PeekResp.getDefaultInstance());
  }
}
