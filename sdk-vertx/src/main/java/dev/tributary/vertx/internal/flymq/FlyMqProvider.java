package dev.tributary.vertx.internal.flymq;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Tls;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.Transport;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.VertxTransportProvider;
import io.vertx.core.Vertx;
import java.util.Set;

/**
 * {@code flymq://[USER:PASSWORD@]host[:port][,host[:port]]}, port 9092 if none is given; {@code flymqs://} is the same over TLS. The options:
 *
 * <ul>
 *   <li>{@code flymq.group-names=safe} or {@code plain}: whether groups have names on the wire that keep every two of them apart on the disk of a
 *       public server, or their own, to share them with other clients; default {@code safe}
 *   <li>{@code flymq.partition=true}: the server heeds a chosen partition, although it does not say that it is one that does; default {@code false}
 *   <li>{@code flymq.ttl=true}: the same for a ttl; default {@code false}
 * </ul>
 */
public final class FlyMqProvider implements VertxTransportProvider {
  private static final String SECURE = FlyMqDriver.BACKEND + "s";
  private static final int PORT = 9_092;

  @Override
  public Set<String> schemes() {
    return Set.of(FlyMqDriver.BACKEND, SECURE);
  }

  @Override
  public Transport open(ClientConfig config) {
    FlyMqOptions options = checked(config);
    return new FlyMqDriver(Network.own(secured(config), PORT), options);
  }

  @Override
  public Transport open(ClientConfig config, Vertx vertx) {
    FlyMqOptions options = checked(config);
    return new FlyMqDriver(Network.on(vertx, secured(config), PORT), options);
  }

  private static FlyMqOptions checked(ClientConfig config) {
    if (config.credentials() instanceof Credentials.Fixed fixed && fixed.value() instanceof Credentials.Token) {
      throw Greeting.noToken();
    }
    if (!config.headers().isEmpty()) {
      throw InvalidRequestException.of("FlyMQ's wire has no headers for calls", "Leave them out");
    }
    return FlyMqOptions.of(config);
  }

  private static ClientConfig secured(ClientConfig config) {
    return config.backend().equals(SECURE) && config.tls() == null ? config.toBuilder().tls(Tls.PLATFORM).build() : config;
  }
}
