package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Empty;
import dev.tributary.spi.Deadline;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.MoveToDlqReq;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/** What the shipped engine makes of settlements: it counts them. */
final class ShippedLeaseRpcs extends LeaseRpcs {
  private final LongAdder acks = new LongAdder();

  ShippedLeaseRpcs(Heaps heaps, Leases leases, ServerOptions options) {
    super(heaps, leases, options);
  }

  long acks() {
    return acks.sum();
  }

  @Override
  CompletableFuture<Empty> ack(Heap heap, AckReq request, Deadline deadline) {
    acks.increment();
    return done();
  }

  @Override
  CompletableFuture<Empty> nack(Heap heap, NackReq request, Deadline deadline) {
    heap.nacks.increment();
    return done();
  }

  /** It knows no other way to give back. */
  @Override
  CompletableFuture<Empty> release(Heap heap, NackReq request, Deadline deadline) {
    return nack(heap, request, deadline);
  }

  @Override
  CompletableFuture<Empty> extend(Heap heap, ExtendReq request, Duration wanted, Deadline deadline) {
    return done();
  }

  @Override
  CompletableFuture<Empty> moveToDlq(Heap heap, MoveToDlqReq request, Deadline deadline) {
    throw Errors.unimplemented("MoveToDLQ is not implemented");
  }

  private static CompletableFuture<Empty> done() {
    return CompletableFuture.completedFuture(Empty.getDefaultInstance());
  }
}
