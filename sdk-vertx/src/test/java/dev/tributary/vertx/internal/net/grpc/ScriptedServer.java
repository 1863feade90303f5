package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.Message;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** A gRPC server that answers as a test says, and remembers what it was asked. */
public final class ScriptedServer implements AutoCloseable {
  public final List<Message> asked = new CopyOnWriteArrayList<>();
  private final Map<Rpc<?, ?>, Consumer<?>> scripts = new ConcurrentHashMap<>();
  private final Vertx vertx;
  private final GrpcServer grpc;
  private HttpServer http;

  public ScriptedServer(Vertx vertx) {
    this.vertx = vertx;
    this.grpc = GrpcServer.server(vertx);
  }

  /** Thrown by a script to answer with a status. */
  public static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final GrpcStatus status;

    public Refusal(GrpcStatus status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }

  public <Q extends Message, A extends Message> ScriptedServer answer(Rpc<Q, A> rpc, Function<Q, A> script) {
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

  /** The script runs for every question, of a call that has several too. */
  public <Q extends Message, A extends Message> ScriptedServer on(Rpc<Q, A> rpc, BiConsumer<Q, GrpcServerRequest<Q, A>> script) {
    return onCall(
        rpc,
        call ->
            call.handler(
                question -> {
                  asked.add(question);
                  script.accept(question, call);
                }));
  }

  /** The script runs once for a call, before its questions; it replaces what the rpc had. */
  @SuppressWarnings("unchecked") // the calls of an rpc have its messages
  public <Q extends Message, A extends Message> ScriptedServer onCall(Rpc<Q, A> rpc, Consumer<GrpcServerRequest<Q, A>> script) {
    if (scripts.put(rpc, script) == null) {
      // The first handler of a path is the one that is called.
      grpc.callHandler(rpc.server(), call -> ((Consumer<GrpcServerRequest<Q, A>>) scripts.get(rpc)).accept(call));
    }
    return this;
  }

  /** What it was asked of this kind. */
  public <Q extends Message> List<Q> asked(Class<Q> kind) {
    return asked.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  public int listen() {
    return listen(0);
  }

  public int listen(int port) {
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
