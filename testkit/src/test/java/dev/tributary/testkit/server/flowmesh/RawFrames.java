package dev.tributary.testkit.server.flowmesh;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.CompletableFuture;

/** Sends bytes of its own choice as a gRPC call, and hears what status comes of them. */
final class RawFrames implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
  private final HttpClient http =
      vertx.createHttpClient(new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
  private final EmbeddedServer server;

  RawFrames(EmbeddedServer server) {
    this.server = server;
  }

  /** A frame as gRPC has it. */
  static Buffer frame(int flag, int length, byte[] payload) {
    return Buffer.buffer().appendByte((byte) flag).appendInt(length).appendBytes(payload);
  }

  /** The gRPC status the call ends with. */
  String status(String path, Buffer body) {
    CompletableFuture<String> status = new CompletableFuture<>();
    // On an event loop from the beginning: elsewhere the answer may have ended before anybody listens to it.
    vertx.runOnContext(turn -> send(path, body, status));
    return RawClient.get(status);
  }

  private void send(String path, Buffer body, CompletableFuture<String> status) {
    request(path)
        .compose(request -> request.send(body))
        .onSuccess(
            response -> {
              response.exceptionHandler(status::completeExceptionally);
              response.endHandler(
                  end -> {
                    String trailer = response.getTrailer("grpc-status");
                    status.complete(trailer == null ? response.getHeader("grpc-status") : trailer);
                  });
            })
        .onFailure(status::completeExceptionally);
  }

  private Future<HttpClientRequest> request(String path) {
    return http.request(
            new RequestOptions().setMethod(HttpMethod.POST).setHost(server.host()).setPort(server.port()).setURI(path))
        .map(request -> request.putHeader("content-type", "application/grpc").putHeader("te", "trailers"));
  }

  @Override
  public void close() {
    RawClient.get(vertx.close().toCompletionStage().toCompletableFuture());
  }
}
