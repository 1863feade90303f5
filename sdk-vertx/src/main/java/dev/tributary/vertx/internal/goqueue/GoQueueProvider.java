package dev.tributary.vertx.internal.goqueue;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Tls;
import dev.tributary.spi.Transport;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.VertxTransportProvider;
import io.vertx.core.Vertx;
import java.util.Set;

/**
 * {@code goqueue://[KEY@]host:port[,host:port]}, port 8080 if none is given; {@code goqueues://} is the same over TLS. The options:
 *
 * <ul>
 *   <li>{@code goqueue.group-names=topic} or {@code plain}: whether a group's name on the wire is {@code group@topic}, since a group reads
 *       one topic there, or its own, to share it with other clients; default {@code topic}
 *   <li>{@code goqueue.rebalance=eager} or {@code cooperative}: whether all partitions of a group are shared out anew when a member comes
 *       or goes, or only those that must move; the same for all members; default {@code eager}
 *   <li>{@code goqueue.heartbeat}: how often a member of a group says that it lives, 100ms to 10s; default {@code 3s}
 *   <li>{@code goqueue.queue-group}: the group that shares the jobs of a queue; default {@code workers}
 * </ul>
 */
public final class GoQueueProvider implements VertxTransportProvider {
  private static final String SECURE = GoQueueDriver.BACKEND + "s";
  private static final int PORT = 8_080;

  @Override
  public Set<String> schemes() {
    return Set.of(GoQueueDriver.BACKEND, SECURE);
  }

  @Override
  public Transport open(ClientConfig config) {
    GoQueueOptions options = GoQueueOptions.of(config);
    return new GoQueueDriver(Network.own(secured(config), PORT), options);
  }

  @Override
  public Transport open(ClientConfig config, Vertx vertx) {
    GoQueueOptions options = GoQueueOptions.of(config);
    return new GoQueueDriver(Network.on(vertx, secured(config), PORT), options);
  }

  private static ClientConfig secured(ClientConfig config) {
    return config.backend().equals(SECURE) && config.tls() == null ? config.toBuilder().tls(Tls.PLATFORM).build() : config;
  }
}
