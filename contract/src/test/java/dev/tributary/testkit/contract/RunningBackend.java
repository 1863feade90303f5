package dev.tributary.testkit.contract;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import dev.tributary.spi.Limits;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;

/**
 * A server that somebody started, at the URI in the system property {@link #URI}, which says host and port. It is never restarted, and keeps what the suites leave.
 * Time is the system's.
 */
final class RunningBackend implements Backend {
  /** Where it is. */
  static final String URI = "tributary.contract.uri";

  private final ClientConfig given = ClientConfig.parse(System.getProperty(URI));
  private final TransportProvider driver =
      ServiceLoader.load(TransportProvider.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(provider -> provider.schemes().contains(given.backend()))
          .findFirst()
          .orElseThrow();
  private final Map<Tributary, FaultProxy> proxies = new IdentityHashMap<>();
  private final Tributary admin = Tributary.connect(given);
  private Limits limits;

  @Override
  public String name() {
    return given.backend();
  }

  @Override
  public Tributary connect(UnaryOperator<ClientConfig.Builder> changes) {
    Endpoint server = given.endpoints().get(0);
    FaultProxy proxy = FaultProxy.before(server.host(), server.port());
    String through = System.getProperty(URI).replace(server.toString(), proxy.host() + ":" + proxy.port());
    ClientConfig config = changes.apply(ClientConfig.parse(through).toBuilder()).build();
    Transport transport = driver.open(config);
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
  public void createQueue(String name, QueueConfig config) {
    admin.admin().createQueue(name, config).join();
  }

  @Override
  public void createKeyValue(String name) {
    admin.admin().createKeyValue(name).join();
  }

  @Override
  public boolean createsOnFirstUse() {
    return true;
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
    admin.close();
  }
}
