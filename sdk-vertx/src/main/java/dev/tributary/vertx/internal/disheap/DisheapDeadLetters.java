package dev.tributary.vertx.internal.disheap;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PeekResp;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Dead letters of queues: they can be looked at, and no more. */
final class DisheapDeadLetters implements DeadLetterTransport {
  /** A peek shows no more. */
  private static final int MOST = 100;

  private final Heaps heaps;
  private final GrpcCaller caller;

  DisheapDeadLetters(Heaps heaps, GrpcCaller caller) {
    this.heaps = heaps;
    this.caller = caller;
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName queue, int max, Deadline deadline) {
    int limit = Math.min(max, MOST);
    return heaps.with(
        queue,
        heap ->
            Steps.then(
                peek(heap, limit, deadline),
                answer -> {
                  List<DeadLetter<byte[]>> dead = dead(answer, max);
                  // Where they do not come first, live jobs may stand before them.
                  return dead.size() < limit && answer.getHasMore() && limit < MOST
                      ? Steps.map(peek(heap, MOST, deadline), more -> dead(more, max))
                      : CompletableFuture.completedFuture(dead);
                }));
  }

  private CompletableFuture<PeekResp> peek(Heap heap, int limit, Deadline deadline) {
    PeekReq request = PeekReq.newBuilder().setTopic(heap.topic).setLimit(limit).setIncludeDlq(true).build();
    return caller.call(DisheapMethods.PEEK, request, deadline);
  }

  private static List<DeadLetter<byte[]>> dead(PeekResp answer, int max) {
    return answer.getItemsList().stream().filter(PeekItem::getInDlq).limit(max).map(DisheapMapping::deadLetter).toList();
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName queue, String id, Deadline deadline) {
    throw unsupported("put back", "Enqueue a copy");
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName queue, Deadline deadline) {
    throw unsupported("dropped", "Let them expire: see deadLetterRetention of the queue");
  }

  private static UnsupportedFeatureException unsupported(String what, String instead) {
    return new UnsupportedFeatureException(ErrorInfo.of("dead letters of Disheap cannot be " + what + " over the wire", instead));
  }
}
