package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.StringValue;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;

/** An HTTP/2 server that does to each call what a test says, well or badly. */
public final class RawServer implements AutoCloseable {
  final HttpServer http;
  public final int port;

  public RawServer(Vertx vertx, Handler<HttpServerRequest> script) {
    this(vertx, new HttpServerOptions(), script);
  }

  public RawServer(Vertx vertx, HttpServerOptions options, Handler<HttpServerRequest> script) {
    try {
      http =
          vertx
              .createHttpServer(options.setHost("127.0.0.1").setPort(options.getPort() == 80 ? 0 : options.getPort()))
              .requestHandler(script)
              .listen()
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
    port = http.actualPort();
  }

  static HttpServerResponse grpc(HttpServerRequest call) {
    return call.response().putHeader("content-type", "application/grpc").setChunked(true);
  }

  static Buffer frame(String text) {
    return Buffer.buffer(Frames.encode(StringValue.of(text), false));
  }

  /** Answers well, unless the call was taken back in the meantime. */
  public static void answer(HttpServerRequest call, String text) {
    HttpServerResponse response = grpc(call);
    try {
      response.write(frame(text));
      response.putTrailer("grpc-status", "0").end();
    } catch (NullPointerException reset) {
      // Vert.x has no promise to fail for the headers of a stream that was reset; see Exchange.
    }
  }

  /** Answers with a status and nothing else. */
  static void refuse(HttpServerRequest call, int status, String message) {
    call.response()
        .putHeader("content-type", "application/grpc")
        .putHeader("grpc-status", Integer.toString(status))
        .putHeader("grpc-message", message)
        .end();
  }

  @Override
  public void close() {
    http.close().toCompletionStage().toCompletableFuture().join();
  }
}
