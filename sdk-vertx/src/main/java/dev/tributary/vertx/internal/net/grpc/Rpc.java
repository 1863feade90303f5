package dev.tributary.vertx.internal.net.grpc;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.Map;

/**
 * One rpc of a gRPC service, for both of its ends.
 *
 * @param service the full name, {@code flowmesh.v1.KVService} for instance
 * @param name the name within the service
 * @param request the default instance of what is asked
 * @param response the default instance of what is answered, one of many if the rpc streams
 * @param path {@code /service/name}
 * @param metadata goes along with each call: what no field of the request says
 */
public record Rpc<Q extends Message, A extends Message>(
    String service, String name, Q request, A response, String path, Map<String, String> metadata) {
  /** An rpc by its name and its messages. */
  public static <Q extends Message, A extends Message> Rpc<Q, A> of(String service, String name, Q request, A response) {
    return new Rpc<>(service, name, request, response, "/" + service + "/" + name, Map.of());
  }

  /** The same, with this metadata: a server that does not know it takes no notice. */
  public Rpc<Q, A> with(String key, String value) {
    return new Rpc<>(service, name, request, response, path, Map.of(key, value));
  }

  /** What decodes answers. */
  @SuppressWarnings("unchecked") // a message's parser makes messages of its class
  Parser<A> answers() {
    return (Parser<A>) response.getParserForType();
  }

  /** As a Vert.x gRPC server takes it. */
  public ServiceMethod<Q, A> server() {
    return ServiceMethod.server(
        ServiceName.create(service), name, GrpcMessageEncoder.<A>encoder(), GrpcMessageDecoder.<Q>decoder(request));
  }

  @Override
  public String toString() {
    return path.substring(1);
  }
}
