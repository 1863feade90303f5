package dev.tributary.testkit.server;

import com.google.protobuf.Message;
import dev.tributary.vertx.internal.net.grpc.Rpc;
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
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A peer on the wire that knows no driver. */
public final class RawClient implements AutoCloseable {
  public final Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
  private final GrpcClient client = GrpcClient.client(vertx, new GrpcClientOptions().setMaxMessageSize(64 << 20));
  private final EmbeddedServer server;
  public String token = "";
  /** Whether what it gives back was begun by nobody: our mark, which public servers do not know. */
  public boolean untried;

  public RawClient(EmbeddedServer server) {
    this.server = server;
  }

  /** What came of a call. */
  public record Reply<A>(GrpcStatus status, String message, A answer) {
    public A ok() {
      if (status != GrpcStatus.OK) {
        throw new AssertionError(status + ": " + message);
      }
      return answer;
    }
  }

  public <Q extends Message, A extends Message> Reply<A> call(Rpc<Q, A> rpc, Q request) {
    return get(start(rpc, request));
  }

  public <Q extends Message, A extends Message> CompletableFuture<Reply<A>> start(Rpc<Q, A> rpc, Q request) {
    return send(rpc, Buffer.buffer(request.toByteArray()));
  }

  public <Q extends Message, A extends Message> CompletableFuture<Reply<A>> send(Rpc<Q, A> rpc, Buffer payload) {
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

  public io.vertx.core.Future<GrpcClientRequest<Buffer, Buffer>> open(String service, String method) {
    return client
        .request(SocketAddress.inetSocketAddress(server.port(), server.host()))
        .map(
            request -> {
              request.serviceName(ServiceName.create(service)).methodName(method);
              if (!token.isEmpty()) {
                request.headers().set("authorization", "Bearer " + token);
              }
              if (untried) {
                request.headers().set("tributary-release", "1");
              }
              return request;
            });
  }

  /** A call in which more than one thing is said, with what the server has said so far. */
  public final class Stream<Q extends Message, A extends Message> {
    public final BlockingQueue<A> items = new LinkedBlockingQueue<>();
    public final CompletableFuture<GrpcStatus> end = new CompletableFuture<>();
    private final GrpcClientRequest<Buffer, Buffer> request;

    private Stream(GrpcClientRequest<Buffer, Buffer> request) {
      this.request = request;
    }

    @SuppressWarnings("unchecked") // a message's parser makes messages of its class
    private void listen(Rpc<Q, A> rpc, boolean reads) {
      request
          .response()
          .onSuccess(
              response -> {
                response.messageHandler(
                    item -> {
                      try {
                        items.add((A) rpc.response().getParserForType().parseFrom(item.payload().getBytes()));
                      } catch (com.google.protobuf.InvalidProtocolBufferException garbage) {
                        end.completeExceptionally(garbage);
                      }
                    });
                response.endHandler(over -> end.complete(response.status()));
                response.exceptionHandler(end::completeExceptionally);
                response.errorHandler(error -> end.complete(error.status));
                if (!reads) {
                  response.pause();
                }
              })
          .onFailure(end::completeExceptionally);
    }

    public A next() throws InterruptedException {
      A item = items.poll(20, TimeUnit.SECONDS);
      if (item == null) {
        throw new AssertionError("nothing came");
      }
      return item;
    }

    /** Says these. */
      public Stream<Q, A> say(Message... messages) {
      write(request, List.of(messages));
      return this;
    }

    /** Has said all. */
    public Stream<Q, A> finish() {
      request.end();
      return this;
    }

    public void cancel() {
      request.cancel();
    }

    /** How it ended. */
    public GrpcStatus ended() {
      return get(end);
    }
  }

  /** Says one thing, and hears many. */
  public <Q extends Message, A extends Message> Stream<Q, A> stream(Rpc<Q, A> rpc, Q message) {
    return converse(rpc, true, request -> request.endMessage(GrpcMessage.message("identity", Buffer.buffer(message.toByteArray()))));
  }

  /** Says these, and leaves open whether that was all. */
  public <Q extends Message, A extends Message> Stream<Q, A> converse(Rpc<Q, A> rpc, Message... messages) {
    List<Message> all = List.of(messages);
    return converse(rpc, true, request -> write(request, all));
  }

  /** The same, but does not read what the server says. */
  public <Q extends Message, A extends Message> Stream<Q, A> converseDeaf(Rpc<Q, A> rpc, Message... messages) {
    List<Message> all = List.of(messages);
    return converse(rpc, false, request -> write(request, all));
  }

  /** The same, and says in one go that this was all. */
  public <Q extends Message, A extends Message> Stream<Q, A> sayAll(Rpc<Q, A> rpc, Message... messages) {
    List<Message> all = List.of(messages);
    return converse(
        rpc,
        true,
        request -> {
          write(request, all);
          request.end();
        });
  }

  private static void write(GrpcClientRequest<Buffer, Buffer> request, List<Message> messages) {
    for (Message message : messages) {
      request.write(Buffer.buffer(message.toByteArray()));
    }
  }

  private <Q extends Message, A extends Message> Stream<Q, A> converse(
      Rpc<Q, A> rpc, boolean reads, Consumer<GrpcClientRequest<Buffer, Buffer>> begin) {
    return get(
        open(rpc.service(), rpc.name())
            .map(
                request -> {
                  Stream<Q, A> stream = new Stream<>(request);
                  begin.accept(request);
                  stream.listen(rpc, reads);
                  return stream;
                })
            .toCompletionStage()
            .toCompletableFuture());
  }

  public static <T> T get(CompletableFuture<T> future) {
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
