package dev.tributary.examples.bench.disheap;

import com.google.protobuf.Empty;
import dev.tributary.examples.bench.GrpcJava;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.Work;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Disheap on grpc-java. */
final class DisheapOnGrpcJava implements Subject {
  private static final MethodDescriptor<EnqueueReq, EnqueueResp> ENQUEUE = GrpcJava.unary(DisheapMethods.ENQUEUE);
  private static final MethodDescriptor<EnqueueBatchReq, EnqueueBatchResp> ENQUEUE_BATCH = GrpcJava.unary(DisheapMethods.ENQUEUE_BATCH);
  private static final MethodDescriptor<PopOpen, PopItem> POP_STREAM =
      GrpcJava.method(MethodDescriptor.MethodType.BIDI_STREAMING, DisheapMethods.POP_STREAM);
  private static final MethodDescriptor<AckReq, Empty> ACK = GrpcJava.unary(DisheapMethods.ACK);

  private final GrpcJava grpc;
  private final DisheapRequests requests;
  private final Work work;

  DisheapOnGrpcJava(GrpcJava grpc, DisheapRequests requests, Work work) {
    this.grpc = grpc;
    this.requests = requests;
    this.work = work;
  }

  @Override
  public String name() {
    return grpc.label();
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    return switch (operation) {
      case ENQUEUE -> () -> grpc.call(ENQUEUE, requests.enqueue());
      case ENQUEUE_BATCH -> () -> grpc.call(ENQUEUE_BATCH, requests.enqueueBatch());
      case POP_AND_ACK -> () -> new Consumer().start();
      default -> throw new IllegalArgumentException(operation.label() + " is not measured of Disheap");
    };
  }

  @Override
  public void close() {
    grpc.close();
  }

  private final class Consumer implements ClientResponseObserver<PopOpen, PopItem> {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final CreditWindow window = new CreditWindow(work);
    private ClientCallStreamObserver<PopOpen> stream;

    CompletableFuture<Void> start() {
      ClientCalls.asyncBidiStreamingCall(grpc.open(POP_STREAM), this);
      synchronized (this) {
        stream.onNext(requests.filter());
        stream.onNext(requests.credits(window.size()));
      }
      return done;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<PopOpen> stream) {
      this.stream = stream;
      // There are never more jobs on their way than credits.
      stream.disableAutoRequestWithInitial(window.size());
    }

    @Override
    public void onNext(PopItem job) {
      grpc.call(ACK, requests.ack(job)).whenComplete(this::acked);
    }

    /** Acks are answered on several threads; a stream wants one at a time. */
    private synchronized void acked(Empty ok, Throwable error) {
      if (error != null) {
        done.completeExceptionally(error);
        return;
      }
      int grant = window.acked();
      if (grant > 0) {
        stream.request(grant);
        stream.onNext(requests.credits(grant));
      }
      if (window.done()) {
        stream.onCompleted();
        done.complete(null);
      }
    }

    @Override
    public void onError(Throwable error) {
      done.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      done.completeExceptionally(new IllegalStateException("the stream ended early"));
    }
  }
}
