package dev.tributary.vertx.internal.flowmesh;

import com.google.protobuf.Message;
import dev.tributary.vertx.internal.net.Rpc;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A gRPC server that answers as a test says, and remembers what it was asked. */
final class ScriptedServer implements AutoCloseable {
  final List<Message> asked = new CopyOnWriteArrayList<>();
  private final Vertx vertx;
  private final GrpcServer grpc;
  private HttpServer http;

  ScriptedServer(Vertx vertx) {
    this.vertx = vertx;
    this.grpc = GrpcServer.server(vertx);
  }

  /** Thrown by a script to answer with a status. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final GrpcStatus status;

    Refusal(GrpcStatus status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }

  <Q extends Message, A extends Message> ScriptedServer answer(Rpc<Q, A> rpc, Function<Q, A> script) {
    return on(
        rpc,
        (question, call) -> {
          try {
            call.response().end(script.apply(question));
          } catch (Refusal refusal) {
            call.response().status(refusal.status).statusMessage(refusal.getMessage()).end();
          }
        });
  }

  <Q extends Message, A extends Message> ScriptedServer on(Rpc<Q, A> rpc, BiConsumer<Q, GrpcServerRequest<Q, A>> script) {
    grpc.callHandler(
        rpc.server(),
        call ->
            call.handler(
                question -> {
                  asked.add(question);
                  script.accept(question, call);
                }));
    return this;
  }

  /** What it was asked of this kind. */
  <Q extends Message> List<Q> asked(Class<Q> kind) {
    return asked.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  int listen() {
    return listen(0);
  }

  int listen(int port) {
    try {
      http =
          vertx
              .createHttpServer(new HttpServerOptions().setHttp2RstFloodMaxRstFramePerWindow(0).setHost("127.0.0.1").setPort(port))
              .requestHandler(grpc)
              .listen()
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      return http.actualPort();
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Override
  public void close() {
    if (http != null) {
      http.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
