package dev.tributary.examples.bench.disheap;

import com.google.protobuf.Empty;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.VertxGrpc;
import dev.tributary.examples.bench.Work;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.ServiceMethod;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Disheap on the Vert.x gRPC client. */
final class DisheapOnVertx implements Subject {
  private static final ServiceMethod<EnqueueResp, EnqueueReq> ENQUEUE = VertxGrpc.method(DisheapMethods.ENQUEUE);
  private static final ServiceMethod<EnqueueBatchResp, EnqueueBatchReq> ENQUEUE_BATCH = VertxGrpc.method(DisheapMethods.ENQUEUE_BATCH);
  private static final ServiceMethod<PopItem, PopOpen> POP_STREAM = VertxGrpc.method(DisheapMethods.POP_STREAM);
  private static final ServiceMethod<Empty, AckReq> ACK = VertxGrpc.method(DisheapMethods.ACK);

  private final VertxGrpc grpc;
  private final DisheapRequests requests;
  private final Work work;

  DisheapOnVertx(VertxGrpc grpc, DisheapRequests requests, Work work) {
    this.grpc = grpc;
    this.requests = requests;
    this.work = work;
  }

  @Override
  public String name() {
    return VertxGrpc.LABEL;
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    return switch (operation) {
      case ENQUEUE -> () -> grpc.call(ENQUEUE, requests.enqueue()).toCompletionStage();
      case ENQUEUE_BATCH -> () -> grpc.call(ENQUEUE_BATCH, requests.enqueueBatch()).toCompletionStage();
      case POP_AND_ACK -> this::popAndAck;
      default -> throw new IllegalArgumentException(operation.label() + " is not measured of Disheap");
    };
  }

  private CompletionStage<?> popAndAck() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    CreditWindow window = new CreditWindow(work);
    grpc.open(POP_STREAM)
        .compose(
            stream -> {
              stream.write(requests.filter());
              stream.write(requests.credits(window.size()));
              return stream
                  .response()
                  .onSuccess(
                      jobs ->
                          jobs.handler(
                              job ->
                                  // On the context of the stream, so one at a time.
                                  grpc.call(ACK, requests.ack(job))
                                      .onSuccess(ok -> acked(stream, window, done))
                                      .onFailure(done::completeExceptionally)));
            })
        .onFailure(done::completeExceptionally);
    return done;
  }

  private void acked(GrpcClientRequest<PopOpen, PopItem> stream, CreditWindow window, CompletableFuture<Void> done) {
    int grant = window.acked();
    if (grant > 0) {
      stream.write(requests.credits(grant));
    }
    if (window.done()) {
      stream.end();
      done.complete(null);
    }
  }

  @Override
  public void close() {
    grpc.close();
  }
}
