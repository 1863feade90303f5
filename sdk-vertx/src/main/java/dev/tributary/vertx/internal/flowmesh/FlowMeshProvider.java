package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.Transport;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.VertxTransportProvider;
import io.vertx.core.Vertx;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@code flowmesh://host:port}; the option {@code flowmesh.http=host:port} says where its HTTP routes are. */
public final class FlowMeshProvider implements VertxTransportProvider {
  private static final int PORT = 50_051;
  private static final int HTTP_PORT = 8_080;
  private static final String HTTP = "http";

  @Override
  public Set<String> schemes() {
    return Set.of(FlowMeshDriver.BACKEND);
  }

  @Override
  public Transport open(ClientConfig config) {
    Endpoint http = http(config);
    return new FlowMeshDriver(Network.own(config, PORT), http);
  }

  @Override
  public Transport open(ClientConfig config, Vertx vertx) {
    Endpoint http = http(config);
    return new FlowMeshDriver(Network.on(vertx, config, PORT), http);
  }

  private static Endpoint http(ClientConfig config) {
    Set<String> unknown = new TreeSet<>(config.options().keySet());
    unknown.remove(HTTP);
    if (!unknown.isEmpty()) {
      throw InvalidRequestException.of("unknown option flowmesh." + unknown.iterator().next(), "Known is flowmesh.http");
    }
    @Nullable String given = config.options().get(HTTP);
    if (given == null) {
      return config.endpoints().isEmpty() ? new Endpoint("localhost", HTTP_PORT) : new Endpoint(config.endpoints().get(0).host(), HTTP_PORT);
    }
    Endpoint http;
    try {
      http = Endpoint.parse(given).orPort(HTTP_PORT);
    } catch (InvalidRequestException noAddress) {
      throw InvalidRequestException.of("flowmesh.http=" + given + " is not host:port", "Write flowmesh.http=localhost:8080 for instance");
    }
    Network.requireConfidential(config, http);
    return http;
  }
}
