package dev.tributary.testkit.contract;

import dev.tributary.Capability;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.spi.Limits;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.fault.Direction;
import dev.tributary.testkit.fault.FaultProxy;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.flymq.wire.DeadLetterRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A backend behind a wire: client, driver, a proxy for each client, the embedded server, the engine.
 *
 * <p>On virtual time, deadlines and probes of the client would race with bytes that take real time: they are so long that no test
 * gets there.
 */
final class WireBackend implements Backend {
  private static final Duration NEVER = Duration.ofDays(1);

  private final String scheme;
  private final TransportProvider driver;
  private final TimeSource time;
  private final Quirk[] quirks;
  private final UnaryOperator<Transport> served;
  private Set<Capability> withheld = Set.of();
  private final @Nullable UserPassword administrator;
  private MemoryEngine engine;
  private EngineResources resources;
  private EmbeddedServer server;
  private final Map<Tributary, FaultProxy> proxies = new IdentityHashMap<>();
  private Limits limits;

  private WireBackend(String scheme, TimeSource time, Quirk... quirks) {
    this(scheme, time, UnaryOperator.identity(), null, quirks);
  }

  private WireBackend(
      String scheme, TimeSource time, UnaryOperator<Transport> served, @Nullable UserPassword administrator, Quirk... quirks) {
    this.served = served;
    this.administrator = administrator;
    this.scheme = scheme;
    this.time = time;
    this.quirks = quirks;
    driver =
        ServiceLoader.load(TransportProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(provider -> provider.schemes().contains(scheme))
            .findFirst()
            .orElseThrow();
    begin();
  }

  private void begin() {
    engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
    Transport transport = engine.connect();
    resources = new EngineResources(transport, time);
    EmbeddedServer.Builder builder =
        EmbeddedServer.of(scheme).transport(served.apply(transport)).time(time).createOnFirstUse(false).emulate(quirks);
    if (administrator != null) {
      builder.administrator(administrator.user(), administrator.password());
    }
    server = builder.start();
  }

  /** On time that stands still until it is moved. */
  static WireBackend onVirtualTime(String scheme) {
    return new WireBackend(scheme, new VirtualTime());
  }

  /** On time that stands still until it is moved, behind a server with these faults. */
  static WireBackend withFaults(String scheme, Quirk... quirks) {
    return new WireBackend(scheme, new VirtualTime(), quirks);
  }

  /** The same, where clients are told that it lacks these: cases that need them are skipped, visibly. */
  WireBackend lacking(Capability... lacks) {
    withheld = Set.of(lacks);
    return this;
  }

  /** On time that stands still until it is moved, where the server has this made of the engine's transport. */
  static WireBackend serving(String scheme, UnaryOperator<Transport> served) {
    return new WireBackend(scheme, new VirtualTime(), served, null);
  }

  /** On time that stands still until it is moved, where clients are asked who they are: an administrator, unless they say otherwise. */
  static WireBackend withUsers(String scheme) {
    return new WireBackend(scheme, new VirtualTime(), UnaryOperator.identity(), new UserPassword("admin", "secret"));
  }

  /** On the system's time, with these faults if there are any. */
  static WireBackend onSystemTime(String scheme, Quirk... quirks) {
    return new WireBackend(scheme, TimeSource.system(), quirks);
  }

  @Override
  public String name() {
    return scheme;
  }

  @Override
  public Tributary connect(UnaryOperator<ClientConfig.Builder> changes) {
    FaultProxy proxy = FaultProxy.before(server.host(), server.port());
    ClientConfig.Builder config =
        ClientConfig.builder(name())
            .endpoint(proxy.host(), proxy.port())
            .time(time);
    if (server.httpPort() != server.port()) {
      config.option("http", server.host() + ":" + server.httpPort());
    }
    if (administrator != null) {
      config.credentials(administrator);
    }
    if (time instanceof VirtualTime) {
      config.timeout(NEVER).connectTimeout(NEVER).idleProbe(NEVER);
    }
    Transport transport = driver.open(changes.apply(config).build());
    limits = transport.limits();
    Tributary client = Tributary.over(LackingTransport.of(transport, withheld), config.build());
    proxies.put(client, proxy);
    return client;
  }

  @Override
  public void createStream(String name, int partitions) {
    resources.createStream(name, partitions);
  }

  @Override
  public boolean createStream(String name, StreamConfig config) {
    if (scheme.equals("flowmesh")) {
      // Its servers keep everything, and its protocol has no words for where a stream begins.
      return false;
    }
    resources.createStream(name, config);
    return true;
  }

  @Override
  public void createQueue(String name, QueueConfig config) {
    if (scheme.equals("goqueue")) {
      // There a queue is a stream that is read in another way.
      resources.createStream(name, config.partitions());
    } else {
      resources.createQueue(name, config);
    }
  }

  @Override
  public void createKeyValue(String name) {
    resources.createKeyValue(name);
  }

  @Override
  public boolean bury(String stream, String value, Map<String, String> headers, String reason) {
    byte[] bytes = Envelope.bytes(value.getBytes(StandardCharsets.UTF_8), headers);
    switch (scheme) {
      case "goqueue" -> resources.bury(stream, bytes, Map.of(), reason);
      // There clients write them down.
      case "flymq" ->
          resources.publish(
              DeadLetterRecord.topicOf(stream),
              new DeadLetterRecord("id of " + value, stream, -1, 0, null, bytes, DeadLetterRecord.FAILED, reason, 3, null, null, Map.of()).json());
      default -> {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean keepsReplayed() {
    return List.of(quirks).contains(Quirk.SHIPPED_FLYMQ);
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public TimeSource time() {
    return time;
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
  public boolean restart() {
    server.stop();
    server.start();
    return true;
  }

  @Override
  public boolean replace(Runnable fill) {
    List<FaultProxy> before = List.copyOf(proxies.values());
    MemoryEngine lost = engine;
    EmbeddedServer gone = server;
    begin();
    fill.run();
    before.forEach(proxy -> proxy.retarget(server.host(), server.port()));
    gone.close();
    lost.close();
    return true;
  }

  @Override
  public void close() {
    proxies.values().forEach(FaultProxy::close);
    server.close();
    engine.close();
    if (server.faults().crashes() > 0) {
      throw new AssertionError("a public server would have gone down " + server.faults().crashes() + " times");
    }
  }
}
