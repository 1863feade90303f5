package dev.tributary.nats;

import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import java.util.Set;

/**
 * {@code nats://[TOKEN@ | USER:PASSWORD@]host:port[,host:port]}, port 4222 if none is given. The options:
 *
 * <ul>
 *   <li>{@code nats.creds=FILE}: a file of credentials, JWT and NKey; read at every connection
 *   <li>{@code nats.replicas=1} to {@code 5}: on how many nodes what is made is kept; by default 3 in a cluster, 1 on a server alone
 * </ul>
 */
public final class NatsProvider implements TransportProvider {
  @Override
  public Set<String> schemes() {
    return Set.of(NatsDriver.BACKEND);
  }

  @Override
  public Transport open(ClientConfig config) {
    return new NatsDriver(config, NatsOptions.of(config));
  }
}
