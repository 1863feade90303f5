package dev.tributary.examples.bench;

import com.google.protobuf.Message;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueResponse;
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
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The same calls hand-written on the Vert.x gRPC client: one connection, a deadline for each call. */
final class VertxSubject implements Subject {
  static final String NAME = "vert.x gRPC";

  private static final ServiceMethod<WriteEventsResponse, WriteEventsRequest> WRITE =
      method("StreamService", "WriteEvents", WriteEventsResponse.getDefaultInstance());
  private static final ServiceMethod<ReadStreamResponse, ReadStreamRequest> READ =
      method("StreamService", "ReadStream", ReadStreamResponse.getDefaultInstance());
  private static final ServiceMethod<SubscribeResponse, SubscribeRequest> SUBSCRIBE =
      method("StreamService", "Subscribe", SubscribeResponse.getDefaultInstance());
  private static final ServiceMethod<EnqueueResponse, EnqueueRequest> ENQUEUE =
      method("QueueService", "Enqueue", EnqueueResponse.getDefaultInstance());
  private static final ServiceMethod<ReceiveResponse, ReceiveRequest> RECEIVE =
      method("QueueService", "Receive", ReceiveResponse.getDefaultInstance());
  private static final ServiceMethod<ACKResponse, ACKRequest> ACK = method("QueueService", "ACK", ACKResponse.getDefaultInstance());
  private static final ServiceMethod<SetResponse, SetRequest> SET = method("KVService", "Set", SetResponse.getDefaultInstance());
  private static final ServiceMethod<GetResponse, GetRequest> GET = method("KVService", "Get", GetResponse.getDefaultInstance());

  private final Vertx vertx;
  private final GrpcClient client;
  private final SocketAddress server;
  private final FlowMeshRequests requests;

  VertxSubject(Vertx vertx, String host, int port, byte[] payload) {
    this.vertx = vertx;
    this.server = SocketAddress.inetSocketAddress(port, host);
    this.requests = new FlowMeshRequests(payload);
    this.client =
        GrpcClient.client(
            vertx,
            new GrpcClientOptions().setMaxMessageSize(16 << 20).setScheduleDeadlineAutomatically(true),
            new HttpClientOptions().setProtocolVersion(io.vertx.core.http.HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CompletionStage<?> publishOne() {
    return call(WRITE, requests.write(1)).toCompletionStage();
  }

  @Override
  public CompletionStage<?> publishBatch() {
    return call(WRITE, requests.write(BATCH)).toCompletionStage();
  }

  @Override
  public CompletionStage<?> read() {
    return call(READ, requests.read()).toCompletionStage();
  }

  @Override
  public CompletionStage<?> subscribe(int messages) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    client
        .request(server, SUBSCRIBE)
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

  @Override
  public CompletionStage<?> enqueue() {
    return call(ENQUEUE, requests.enqueue()).toCompletionStage();
  }

  @Override
  public CompletionStage<Integer> receiveAndAck() {
    return call(RECEIVE, requests.receive())
        .compose(
            received ->
                Future.all(received.getJobsList().stream().map(job -> call(ACK, requests.ack(job.getId()))).toList())
                    .map(acked -> received.getJobsCount()))
        .toCompletionStage();
  }

  @Override
  public CompletionStage<?> put() {
    return call(SET, requests.put()).toCompletionStage();
  }

  @Override
  public CompletionStage<?> get() {
    return call(GET, requests.get()).toCompletionStage();
  }

  @Override
  public void close() {
    client.close().compose(closed -> vertx.close()).toCompletionStage().toCompletableFuture().join();
  }

  private <Q, A> Future<A> call(ServiceMethod<A, Q> method, Q message) {
    return client
        .request(server, method)
        .compose(
            request -> {
              request.timeout(30, TimeUnit.SECONDS);
              return request.send(message).compose(GrpcClientResponse::last);
            });
  }

  private static <Q extends Message, A extends Message> ServiceMethod<A, Q> method(String service, String name, A answer) {
    return ServiceMethod.client(
        ServiceName.create("flowmesh.v1", service), name, GrpcMessageEncoder.encoder(), GrpcMessageDecoder.decoder(answer));
  }
}
