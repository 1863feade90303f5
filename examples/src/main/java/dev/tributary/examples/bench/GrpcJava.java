package dev.tributary.examples.bench;

import com.google.protobuf.Message;
import dev.tributary.config.Endpoint;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A channel of grpc-java as one would write it by hand: one connection, a deadline for each call. */
public final class GrpcJava implements AutoCloseable {
  private final ManagedChannel channel;
  private final Threads threads;

  /** Where grpc-java calls back. */
  public enum Threads {
    /** On its executor, which is what it does unless told otherwise; callbacks may block. */
    POOL("grpc-java"),
    /** On the connection's event loop, which is faster; callbacks must not block. */
    DIRECT("grpc-java dir.");

    private final String label;

    Threads(String label) {
      this.label = label;
    }
  }

  /** Connects with the first call. */
  public GrpcJava(Endpoint server, Threads threads) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(server.host(), server.port()).usePlaintext().maxInboundMessageSize(16 << 20);
    this.threads = threads;
    this.channel = (threads == Threads.DIRECT ? builder.directExecutor() : builder).build();
  }

  /** A subject's name in the table. */
  public String label() {
    return threads.label;
  }

  /** A call without a deadline, for streams. */
  public <Q, A> ClientCall<Q, A> open(MethodDescriptor<Q, A> method) {
    return channel.newCall(method, CallOptions.DEFAULT);
  }

  /** Makes a unary call. */
  public <Q, A> CompletableFuture<A> call(MethodDescriptor<Q, A> method, Q request) {
    CompletableFuture<A> answer = new CompletableFuture<>();
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(Work.TIMEOUT.toSeconds(), TimeUnit.SECONDS)),
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

  /** The descriptor that grpc-java's generator would have made. */
  public static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      MethodDescriptor.MethodType type, Rpc<Q, A> rpc) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(rpc.service(), rpc.name()))
        .setRequestMarshaller(ProtoUtils.marshaller(rpc.request()))
        .setResponseMarshaller(ProtoUtils.marshaller(rpc.response()))
        .build();
  }

  /** The same for a unary rpc. */
  public static <Q extends Message, A extends Message> MethodDescriptor<Q, A> unary(Rpc<Q, A> rpc) {
    return method(MethodDescriptor.MethodType.UNARY, rpc);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
