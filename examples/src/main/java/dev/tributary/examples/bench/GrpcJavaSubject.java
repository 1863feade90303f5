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
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The same calls hand-written on grpc-java: one channel, its default executor, a deadline for each call. */
final class GrpcJavaSubject implements Subject {
  static final String NAME = "grpc-java";

  private static final MethodDescriptor<WriteEventsRequest, WriteEventsResponse> WRITE =
      unary("StreamService/WriteEvents", WriteEventsRequest.getDefaultInstance(), WriteEventsResponse.getDefaultInstance());
  private static final MethodDescriptor<ReadStreamRequest, ReadStreamResponse> READ =
      unary("StreamService/ReadStream", ReadStreamRequest.getDefaultInstance(), ReadStreamResponse.getDefaultInstance());
  private static final MethodDescriptor<SubscribeRequest, SubscribeResponse> SUBSCRIBE =
      method(
          MethodDescriptor.MethodType.SERVER_STREAMING,
          "StreamService/Subscribe",
          SubscribeRequest.getDefaultInstance(),
          SubscribeResponse.getDefaultInstance());
  private static final MethodDescriptor<EnqueueRequest, EnqueueResponse> ENQUEUE =
      unary("QueueService/Enqueue", EnqueueRequest.getDefaultInstance(), EnqueueResponse.getDefaultInstance());
  private static final MethodDescriptor<ReceiveRequest, ReceiveResponse> RECEIVE =
      unary("QueueService/Receive", ReceiveRequest.getDefaultInstance(), ReceiveResponse.getDefaultInstance());
  private static final MethodDescriptor<ACKRequest, ACKResponse> ACK =
      unary("QueueService/ACK", ACKRequest.getDefaultInstance(), ACKResponse.getDefaultInstance());
  private static final MethodDescriptor<SetRequest, SetResponse> SET =
      unary("KVService/Set", SetRequest.getDefaultInstance(), SetResponse.getDefaultInstance());
  private static final MethodDescriptor<GetRequest, GetResponse> GET =
      unary("KVService/Get", GetRequest.getDefaultInstance(), GetResponse.getDefaultInstance());

  private final ManagedChannel channel;
  private final FlowMeshRequests requests;

  GrpcJavaSubject(String host, int port, byte[] payload) {
    channel = NettyChannelBuilder.forAddress(host, port).usePlaintext().maxInboundMessageSize(16 << 20).build();
    requests = new FlowMeshRequests(payload);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CompletionStage<?> publishOne() {
    return call(WRITE, requests.write(1));
  }

  @Override
  public CompletionStage<?> publishBatch() {
    return call(WRITE, requests.write(BATCH));
  }

  @Override
  public CompletionStage<?> read() {
    return call(READ, requests.read());
  }

  @Override
  public CompletionStage<?> subscribe(int messages) {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(SUBSCRIBE, CallOptions.DEFAULT),
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

  @Override
  public CompletionStage<?> enqueue() {
    return call(ENQUEUE, requests.enqueue());
  }

  @Override
  public CompletionStage<Integer> receiveAndAck() {
    return call(RECEIVE, requests.receive())
        .thenCompose(
            received ->
                CompletableFuture.allOf(
                        received.getJobsList().stream()
                            .map(job -> call(ACK, requests.ack(job.getId())))
                            .toArray(CompletableFuture[]::new))
                    .thenApply(acked -> received.getJobsCount()));
  }

  @Override
  public CompletionStage<?> put() {
    return call(SET, requests.put());
  }

  @Override
  public CompletionStage<?> get() {
    return call(GET, requests.get());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private <Q, A> CompletableFuture<A> call(MethodDescriptor<Q, A> method, Q request) {
    CompletableFuture<A> answer = new CompletableFuture<>();
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS)),
        request,
        new StreamObserver<A>() {
          private A value;

          @Override
          public void onNext(A message) {
            value = message;
          }

          @Override
          public void onError(Throwable error) {
            answer.completeExceptionally(error);
          }

          @Override
          public void onCompleted() {
            answer.complete(value);
          }
        });
    return answer;
  }

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> unary(String name, Q request, A answer) {
    return method(MethodDescriptor.MethodType.UNARY, name, request, answer);
  }

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      MethodDescriptor.MethodType type, String name, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(type)
        .setFullMethodName("flowmesh.v1." + name)
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }
}
