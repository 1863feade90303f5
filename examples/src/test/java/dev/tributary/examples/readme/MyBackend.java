package dev.tributary.examples.readme;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Limits;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A server on a socket, as the contract suites want it: here an embedded one in place of yours. */
final class MyBackend implements Backend {
  private final EmbeddedServer server = EmbeddedServer.goqueue().start();
  private final Tributary operator = Tributary.connect(server.uri());
  private final Map<Tributary, FaultProxy> proxies = new IdentityHashMap<>();

  @Override
  public String name() {
    return operator.config().backend();
  }

  /** Each client has a proxy before the server: what it sends is counted, and its connection can be broken. */
  @Override
  public Tributary connect(UnaryOperator<ClientConfig.Builder> changes) {
    FaultProxy proxy = FaultProxy.before(server.host(), server.port());
    String uri = name() + "://" + proxy.host() + ":" + proxy.port();
    Tributary client = Tributary.connect(changes.apply(ClientConfig.parse(uri).toBuilder()).build());
    proxies.put(client, proxy);
    return client;
  }

  @Override
  public void createStream(String name, int partitions) {
    operator.admin().createStream(name, StreamConfig.partitions(partitions)).join();
  }

  @Override
  public void createQueue(String name, QueueConfig config) {
    operator.admin().createQueue(name, config).join();
  }

  @Override
  public void createKeyValue(String name) {
    operator.admin().createKeyValue(name).join();
  }

  @Override
  public Limits limits() {
    return server.transport().limits();
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
  public void kill(Tributary client) {
    proxies.get(client).refuse();
  }

  @Override
  public Optional<FaultProxy> proxy(Tributary client) {
    return Optional.of(proxies.get(client));
  }

  @Override
  public void close() {
    proxies.values().forEach(FaultProxy::close);
    operator.close();
    server.close();
  }
}
