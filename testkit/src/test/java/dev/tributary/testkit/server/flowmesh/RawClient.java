package dev.tributary.testkit.server.flowmesh;

import com.google.protobuf.Message;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.net.Rpc;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceName;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A peer on the wire that knows no driver. */
final class RawClient implements AutoCloseable {
  final Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
  private final GrpcClient client = GrpcClient.client(vertx, new GrpcClientOptions().setMaxMessageSize(64 << 20));
  private final EmbeddedServer server;
  String token = "";

  RawClient(EmbeddedServer server) {
    this.server = server;
  }

  static ResourcePath path(String type, String name) {
    return ResourcePath.newBuilder().setTenant("t").setNamespace("n").setResourceType(type).setName(name).build();
  }

  /** What came of a call. */
  record Reply<A>(GrpcStatus status, String message, A answer) {
    A ok() {
      if (status != GrpcStatus.OK) {
        throw new AssertionError(status + ": " + message);
      }
      return answer;
    }
  }

  <Q extends Message, A extends Message> Reply<A> call(Rpc<Q, A> rpc, Q request) {
    return get(start(rpc, request));
  }

  <Q extends Message, A extends Message> CompletableFuture<Reply<A>> start(Rpc<Q, A> rpc, Q request) {
    return send(rpc, Buffer.buffer(request.toByteArray()));
  }

  <Q extends Message, A extends Message> CompletableFuture<Reply<A>> send(Rpc<Q, A> rpc, Buffer payload) {
    CompletableFuture<Reply<A>> reply = new CompletableFuture<>();
    // All handlers are set on the event loop, in the turn that has the response: a turn later its messages may have gone by.
    open(rpc.service(), rpc.name())
        .onSuccess(
            request -> {
              request.response().onSuccess(response -> collect(rpc, response, reply)).onFailure(reply::completeExceptionally);
              request.endMessage(GrpcMessage.message("identity", payload));
            })
        .onFailure(reply::completeExceptionally);
    return reply;
  }

  @SuppressWarnings("unchecked") // a message's parser makes messages of its class
  private static <Q extends Message, A extends Message> void collect(
      Rpc<Q, A> rpc, GrpcClientResponse<Buffer, Buffer> response, CompletableFuture<Reply<A>> reply) {
    Object[] answer = new Object[1];
    response.messageHandler(
        message -> {
          try {
            answer[0] = rpc.response().getParserForType().parseFrom(message.payload().getBytes());
          } catch (com.google.protobuf.InvalidProtocolBufferException garbage) {
            reply.completeExceptionally(garbage);
          }
        });
    response.exceptionHandler(reply::completeExceptionally);
    response.errorHandler(error -> reply.complete(new Reply<>(error.status, "reset", null)));
    response.endHandler(
        end -> {
          String text = response.trailers().get("grpc-message");
          if (text == null) {
            text = response.headers().get("grpc-message");
          }
          reply.complete(
              new Reply<>(
                  response.status(),
                  text == null ? "" : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8),
                  (A) answer[0]));
        });
  }

  io.vertx.core.Future<GrpcClientRequest<Buffer, Buffer>> open(String service, String method) {
    return client
        .request(SocketAddress.inetSocketAddress(server.port(), server.host()))
        .map(
            request -> {
              request.serviceName(ServiceName.create(service)).methodName(method);
              if (!token.isEmpty()) {
                request.headers().set("authorization", "Bearer " + token);
              }
              return request;
            });
  }

  /** A streaming call, with what it has said so far. */
  final class Stream<A> {
    final BlockingQueue<A> items = new LinkedBlockingQueue<>();
    final CompletableFuture<GrpcStatus> end = new CompletableFuture<>();
    private GrpcClientRequest<Buffer, Buffer> request;

    A next() throws InterruptedException {
      A item = items.poll(20, TimeUnit.SECONDS);
      if (item == null) {
        throw new AssertionError("nothing came");
      }
      return item;
    }

    void cancel() {
      request.cancel();
    }
  }

  @SuppressWarnings("unchecked")
  <Q extends Message, A extends Message> Stream<A> stream(Rpc<Q, A> rpc, Q message) {
    Stream<A> stream = new Stream<>();
    stream.request =
        get(
            open(rpc.service(), rpc.name())
                .onSuccess(
                    request -> {
                      request.endMessage(GrpcMessage.message("identity", Buffer.buffer(message.toByteArray())));
                      request
                          .response()
                          .onSuccess(
                              response -> {
                                response.messageHandler(
                                    item -> {
                                      try {
                                        stream.items.add((A) rpc.response().getParserForType().parseFrom(item.payload().getBytes()));
                                      } catch (com.google.protobuf.InvalidProtocolBufferException garbage) {
                                        stream.end.completeExceptionally(garbage);
                                      }
                                    });
                                response.endHandler(end -> stream.end.complete(response.status()));
                                response.exceptionHandler(stream.end::completeExceptionally);
                                response.errorHandler(error -> stream.end.complete(error.status));
                              })
                          .onFailure(stream.end::completeExceptionally);
                    })
                .toCompletionStage()
                .toCompletableFuture());
    return stream;
  }

  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException failed) {
      throw new AssertionError(failed);
    }
  }

  @Override
  public void close() {
    get(vertx.close().toCompletionStage().toCompletableFuture());
  }
}
