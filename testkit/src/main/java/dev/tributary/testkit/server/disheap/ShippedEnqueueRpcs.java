package dev.tributary.testkit.server.disheap;

import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import java.util.concurrent.CompletableFuture;

/** What the shipped engine makes of messages: it stores their payloads, under other ids than it says. */
final class ShippedEnqueueRpcs extends EnqueueRpcs {
  /** Its storage takes no more, whatever its heaps do. */
  private static final int MAX_STORED = 1 << 20;

  private final ServerOptions options;
  private final Ulids ulids = new Ulids();

  ShippedEnqueueRpcs(Heaps heaps, ServerOptions options) {
    super(heaps, options);
    this.options = options;
  }

  /** Without what it does not look at. */
  private static EnqueueReq seen(EnqueueReq request) {
    return request.toBuilder().clearPartitionKey().clearProducerId().clearEpoch().clearSequence().clearMaxRetries().build();
  }

  @Override
  void check(EnqueueReq request) {
    super.check(seen(request));
  }

  @Override
  NewJob<byte[]> job(Heap heap, EnqueueReq request) {
    NewJob<byte[]> job = super.job(heap, seen(request));
    if (request.getPayload().size() > MAX_STORED) {
      throw Rejection.internal("could not store the message: its payload is too large");
    }
    return job;
  }

  @Override
  EnqueueResp response(EnqueueResult result) {
    return EnqueueResp.newBuilder().setMessageId(ulids.next(options.time().now())).build();
  }

  /** One after the other, until one fails; those before it stay. */
  @Override
  CompletableFuture<EnqueueBatchResp> enqueueBatch(EnqueueBatchReq request, Deadline deadline) {
    checkSize(request.getRequestsList());
    CompletableFuture<EnqueueBatchResp.Builder> stored =
        CompletableFuture.completedFuture(EnqueueBatchResp.newBuilder().setTransactionId(request.getTransactionId()));
    for (int i = 0; i < request.getRequestsCount(); i++) {
      int index = i;
      stored = Steps.then(stored, answer -> Steps.map(one(request, index, deadline), answer::addResponses));
    }
    return Steps.map(stored, EnqueueBatchResp.Builder::build);
  }

  private CompletableFuture<EnqueueResp> one(EnqueueBatchReq request, int index, Deadline deadline) {
    CompletableFuture<Boolean> now = CompletableFuture.completedFuture(true);
    return Steps.otherwise(
        Steps.then(now, begun -> enqueue(request.getRequests(index), deadline)),
        error -> {
          Rejection inner = Errors.rejection(error);
          return CompletableFuture.failedFuture(
              Rejection.internal("could not enqueue message " + index + ": code = " + inner.status().name() + ", " + inner.getMessage()));
        });
  }
}
