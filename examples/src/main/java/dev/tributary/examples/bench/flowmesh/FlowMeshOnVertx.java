package dev.tributary.examples.bench.flowmesh;

import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.VertxGrpc;
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
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.ServiceMethod;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** FlowMesh on the Vert.x gRPC client. */
final class FlowMeshOnVertx implements Subject {
  private static final ServiceMethod<WriteEventsResponse, WriteEventsRequest> WRITE = VertxGrpc.method(FlowMeshMethods.WRITE_EVENTS);
  private static final ServiceMethod<ReadStreamResponse, ReadStreamRequest> READ = VertxGrpc.method(FlowMeshMethods.READ_STREAM);
  private static final ServiceMethod<SubscribeResponse, SubscribeRequest> SUBSCRIBE =
      VertxGrpc.method(FlowMeshMethods.SUBSCRIBE);
  private static final ServiceMethod<EnqueueResponse, EnqueueRequest> ENQUEUE = VertxGrpc.method(FlowMeshMethods.ENQUEUE);
  private static final ServiceMethod<ReceiveResponse, ReceiveRequest> RECEIVE = VertxGrpc.method(FlowMeshMethods.RECEIVE);
  private static final ServiceMethod<ACKResponse, ACKRequest> ACK = VertxGrpc.method(FlowMeshMethods.ACK);
  private static final ServiceMethod<SetResponse, SetRequest> SET = VertxGrpc.method(FlowMeshMethods.SET);
  private static final ServiceMethod<GetResponse, GetRequest> GET = VertxGrpc.method(FlowMeshMethods.GET);

  private final Vertx vertx;
  private final VertxGrpc grpc;
  private final FlowMeshRequests requests;
  private final int messages;

  FlowMeshOnVertx(Vertx vertx, VertxGrpc grpc, FlowMeshRequests requests, int messages) {
    this.vertx = vertx;
    this.grpc = grpc;
    this.requests = requests;
    this.messages = messages;
  }

  @Override
  public String name() {
    return VertxGrpc.LABEL;
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    return switch (operation) {
      case PUBLISH_ONE -> () -> grpc.call(WRITE, requests.write(1)).toCompletionStage();
      case PUBLISH_ALL, PUBLISH_BATCHED -> () -> grpc.call(WRITE, requests.write(Operation.BATCH)).toCompletionStage();
      case READ -> () -> grpc.call(READ, requests.read()).toCompletionStage();
      case SUBSCRIBE -> this::subscribe;
      case ENQUEUE -> () -> grpc.call(ENQUEUE, requests.enqueue()).toCompletionStage();
      case RECEIVE_AND_ACK -> this::receiveAndAck;
      case PUT -> () -> grpc.call(SET, requests.put()).toCompletionStage();
      case GET -> () -> grpc.call(GET, requests.get()).toCompletionStage();
      default -> throw new IllegalArgumentException(operation.label() + " is not measured of FlowMesh");
    };
  }

  private CompletionStage<?> subscribe() {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    grpc.open(SUBSCRIBE)
        .compose(
            request -> {
              int[] left = {messages};
              Future<GrpcClientResponse<SubscribeRequest, SubscribeResponse>> response = request.send(requests.subscribe());
              return response.onSuccess(
                  stream ->
                      stream.handler(
                          message -> {
                            if (--left[0] == 0) {
                              seen.complete(null);
                              vertx.runOnContext(turn -> request.cancel());
                            }
                          }));
            })
        .onFailure(seen::completeExceptionally);
    return seen;
  }

  private CompletionStage<Integer> receiveAndAck() {
    return grpc.call(RECEIVE, requests.receive())
        .compose(
            received ->
                Future.all(received.getJobsList().stream().map(job -> grpc.call(ACK, requests.ack(job.getId()))).toList())
                    .map(acked -> received.getJobsCount()))
        .toCompletionStage();
  }

  @Override
  public void close() {
    grpc.close();
  }
}
