package dev.tributary.examples.bench;

import com.google.protobuf.Message;
import dev.tributary.config.Endpoint;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.concurrent.TimeUnit;

/** A gRPC client of Vert.x as one would write it by hand: one connection, a deadline for each call. */
public final class VertxGrpc implements AutoCloseable {
  /** Its subjects' name in the table. */
  public static final String LABEL = "vert.x gRPC";

  private final GrpcClient client;
  private final SocketAddress server;

  /** Connects with the first call. */
  public VertxGrpc(Vertx vertx, Endpoint server) {
    this.server = SocketAddress.inetSocketAddress(server.port(), server.host());
    this.client =
        GrpcClient.client(
            vertx,
            new GrpcClientOptions().setMaxMessageSize(16 << 20).setScheduleDeadlineAutomatically(true),
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
  }

  /** A call without a deadline, for streams. */
  public <Q, A> Future<GrpcClientRequest<Q, A>> open(ServiceMethod<A, Q> method) {
    return client.request(server, method);
  }

  /** Makes a unary call. */
  public <Q, A> Future<A> call(ServiceMethod<A, Q> method, Q message) {
    return client
        .request(server, method)
        .compose(
            request -> {
              request.timeout(Work.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
              return request.send(message).compose(GrpcClientResponse::last);
            });
  }

  /** The method that the generator of Vert.x would have made. */
  public static <Q extends Message, A extends Message> ServiceMethod<A, Q> method(Rpc<Q, A> rpc) {
    return ServiceMethod.client(
        ServiceName.create(rpc.service()),
        rpc.name(),
        GrpcMessageEncoder.<Q>encoder(),
        GrpcMessageDecoder.<A>decoder(rpc.response()));
  }

  @Override
  public void close() {
    client.close().toCompletionStage().toCompletableFuture().join();
  }
}
