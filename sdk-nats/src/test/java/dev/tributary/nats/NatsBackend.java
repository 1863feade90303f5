package dev.tributary.nats;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Limits;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.NatsServer;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** A real server, with a proxy for each client. Time is the system's. */
final class NatsBackend implements Backend {
  private final NatsServer server = Servers.shared();
  private final Map<Tributary, FaultProxy> proxies = new IdentityHashMap<>();
  private final Tributary admin = Tributary.connect(config(server.port()).build());
  private Limits limits;

  private static ClientConfig.Builder config(int port) {
    return ClientConfig.builder(NatsDriver.BACKEND).endpoint("127.0.0.1", port);
  }

  @Override
  public String name() {
    return NatsDriver.BACKEND;
  }

  @Override
  public Tributary connect(UnaryOperator<ClientConfig.Builder> changes) {
    FaultProxy proxy = FaultProxy.before("127.0.0.1", server.port());
    ClientConfig config = changes.apply(config(proxy.port())).build();
    Transport transport = new NatsProvider().open(config);
    limits = transport.limits();
    Tributary client = Tributary.over(transport, config);
    proxies.put(client, proxy);
    return client;
  }

  @Override
  public void createStream(String name, int partitions) {
    admin.admin().createStream(name, StreamConfig.partitions(partitions)).join();
  }

  @Override
  public boolean createStream(String name, StreamConfig config) {
    admin.admin().createStream(name, config).join();
    return true;
  }

  @Override
  public void createQueue(String name, QueueConfig config) {
    admin.admin().createQueue(name, config).join();
  }

  @Override
  public void createKeyValue(String name) {
    admin.admin().createKeyValue(name).join();
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public TimeSource time() {
    return TimeSource.system();
  }

  @Override
  public long sent(Tributary client) {
    return proxies.get(client).bytes(Direction.TO_SERVER);
  }

  @Override
  public OptionalLong received(Tributary client) {
    return OptionalLong.of(proxies.get(client).bytes(Direction.TO_CLIENT));
  }

  @Override
  public void kill(Tributary client) {
    proxies.get(client).refuse();
  }

  @Override
  public Optional<FaultProxy> proxy(Tributary client) {
    return Optional.of(proxies.get(client));
  }

  @Override
  public boolean restart() {
    server.kill();
    server.start();
    return true;
  }

  @Override
  public void close() {
    proxies.values().forEach(FaultProxy::close);
    admin.close();
  }
}
