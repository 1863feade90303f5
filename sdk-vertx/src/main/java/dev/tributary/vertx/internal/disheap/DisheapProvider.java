package dev.tributary.vertx.internal.disheap;

import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Transport;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.VertxTransportProvider;
import io.vertx.core.Vertx;
import java.util.Set;

/**
 * {@code disheap://[KEY@]host:port[,host:port]}, port 9090 if none is given. The options:
 *
 * <ul>
 *   <li>{@code disheap.http=host:port[,host:port]}: the HTTP addresses of the endpoints, in their order, to find the leader by; without
 *       them it is found by asking each endpoint
 *   <li>{@code disheap.fan-out=true}: queues are deleted and updated at every endpoint, for engines that do not tell each other; default
 *       {@code false}
 *   <li>{@code disheap.mode=max} or {@code min}: which end comes first in heaps that are made without saying, and in those that the
 *       server does not tell about; default {@code max}
 *   <li>{@code disheap.max-priority}: the largest priority the server takes; default 1000000
 * </ul>
 */
public final class DisheapProvider implements VertxTransportProvider {
  private static final int PORT = 9_090;

  @Override
  public Set<String> schemes() {
    return Set.of(DisheapDriver.BACKEND);
  }

  @Override
  public Transport open(ClientConfig config) {
    DisheapOptions options = DisheapOptions.of(config);
    return new DisheapDriver(Network.own(ApiKeys.checked(config), PORT), options);
  }

  @Override
  public Transport open(ClientConfig config, Vertx vertx) {
    DisheapOptions options = DisheapOptions.of(config);
    return new DisheapDriver(Network.on(vertx, ApiKeys.checked(config), PORT), options);
  }
}
