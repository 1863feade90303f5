package dev.tributary.examples.bench.flowmesh;

import dev.tributary.examples.bench.GrpcJava;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueResponse;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveResponse;
import dev.tributary.vertx.internal.flowmesh.proto.SetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SubscribeResponse;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsResponse;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** FlowMesh on grpc-java. */
final class FlowMeshOnGrpcJava implements Subject {
  private static final MethodDescriptor<WriteEventsRequest, WriteEventsResponse> WRITE = GrpcJava.unary(FlowMeshMethods.WRITE_EVENTS);
  private static final MethodDescriptor<ReadStreamRequest, ReadStreamResponse> READ = GrpcJava.unary(FlowMeshMethods.READ_STREAM);
  private static final MethodDescriptor<SubscribeRequest, SubscribeResponse> SUBSCRIBE =
      GrpcJava.method(MethodDescriptor.MethodType.SERVER_STREAMING, FlowMeshMethods.SUBSCRIBE);
  private static final MethodDescriptor<EnqueueRequest, EnqueueResponse> ENQUEUE = GrpcJava.unary(FlowMeshMethods.ENQUEUE);
  private static final MethodDescriptor<ReceiveRequest, ReceiveResponse> RECEIVE = GrpcJava.unary(FlowMeshMethods.RECEIVE);
  private static final MethodDescriptor<ACKRequest, ACKResponse> ACK = GrpcJava.unary(FlowMeshMethods.ACK);
  private static final MethodDescriptor<SetRequest, SetResponse> SET = GrpcJava.unary(FlowMeshMethods.SET);
  private static final MethodDescriptor<GetRequest, GetResponse> GET = GrpcJava.unary(FlowMeshMethods.GET);

  private final GrpcJava grpc;
  private final FlowMeshRequests requests;
  private final int messages;

  FlowMeshOnGrpcJava(GrpcJava grpc, FlowMeshRequests requests, int messages) {
    this.grpc = grpc;
    this.requests = requests;
    this.messages = messages;
  }

  @Override
  public String name() {
    return grpc.label();
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    return switch (operation) {
      case PUBLISH_ONE -> () -> grpc.call(WRITE, requests.write(1));
      case PUBLISH_ALL, PUBLISH_BATCHED -> () -> grpc.call(WRITE, requests.write(Operation.BATCH));
      case READ -> () -> grpc.call(READ, requests.read());
      case SUBSCRIBE -> this::subscribe;
      case ENQUEUE -> () -> grpc.call(ENQUEUE, requests.enqueue());
      case RECEIVE_AND_ACK -> this::receiveAndAck;
      case PUT -> () -> grpc.call(SET, requests.put());
      case GET -> () -> grpc.call(GET, requests.get());
      default -> throw new IllegalArgumentException(operation.label() + " is not measured of FlowMesh");
    };
  }

  private CompletionStage<?> subscribe() {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    ClientCalls.asyncServerStreamingCall(
        grpc.open(SUBSCRIBE),
        requests.subscribe(),
        new ClientResponseObserver<SubscribeRequest, SubscribeResponse>() {
          private ClientCallStreamObserver<SubscribeRequest> stream;
          private int left = messages;

          @Override
          public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
            this.stream = stream;
          }

          @Override
          public void onNext(SubscribeResponse response) {
            if (--left == 0) {
              seen.complete(null);
              stream.cancel("seen all", null);
            }
          }

          @Override
          public void onError(Throwable error) {
            seen.completeExceptionally(error);
          }

          @Override
          public void onCompleted() {
            seen.completeExceptionally(new IllegalStateException("the subscription ended early"));
          }
        });
    return seen;
  }

  private CompletionStage<Integer> receiveAndAck() {
    return grpc.call(RECEIVE, requests.receive())
        .thenCompose(
            received ->
                CompletableFuture.allOf(
                        received.getJobsList().stream()
                            .map(job -> grpc.call(ACK, requests.ack(job.getId())))
                            .toArray(CompletableFuture[]::new))
                    .thenApply(acked -> received.getJobsCount()));
  }

  @Override
  public void close() {
    grpc.close();
  }
}
