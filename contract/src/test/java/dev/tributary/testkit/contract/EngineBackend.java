package dev.tributary.testkit.contract;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.spi.Limits;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** The engine, without a wire, on time that stands still until it is moved. */
final class EngineBackend implements Backend {
  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine;
  private final Transport own;
  private final EngineResources resources;
  private final Credentials credentials;
  private final Map<Tributary, CountedTransport> transports = new IdentityHashMap<>();

  EngineBackend() {
    this(builder -> builder, new Credentials.Anonymous());
  }

  private EngineBackend(UnaryOperator<MemoryEngine.Builder> more, Credentials credentials) {
    this.engine = more.apply(MemoryEngine.builder()).time(time).createOnFirstUse(false).build();
    this.own = engine.connect();
    this.resources = new EngineResources(own, time);
    this.credentials = credentials;
  }

  /** One that asks who its clients are: an administrator, unless they say otherwise. */
  static EngineBackend withUsers() {
    return new EngineBackend(builder -> builder.administrator("admin", "secret"), new Credentials.UserPassword("admin", "secret"));
  }

  @Override
  public String name() {
    return own.backend();
  }

  @Override
  public Tributary connect(UnaryOperator<ClientConfig.Builder> changes) {
    ClientConfig config = changes.apply(ClientConfig.builder(name()).time(time).credentials(credentials)).build();
    CountedTransport transport = new CountedTransport(engine.connect(config.credentials()));
    Tributary client = Tributary.over(transport.transport(), config);
    transports.put(client, transport);
    return client;
  }

  @Override
  public void createStream(String name, int partitions) {
    resources.createStream(name, partitions);
  }

  @Override
  public boolean createStream(String name, StreamConfig config) {
    resources.createStream(name, config);
    return true;
  }

  @Override
  public void createQueue(String name, QueueConfig config) {
    resources.createQueue(name, config);
  }

  @Override
  public void createKeyValue(String name) {
    resources.createKeyValue(name);
  }

  @Override
  public boolean bury(String stream, String value, Map<String, String> headers, String reason) {
    resources.bury(stream, value.getBytes(StandardCharsets.UTF_8), headers, reason);
    return true;
  }

  @Override
  public Limits limits() {
    return own.limits();
  }

  @Override
  public TimeSource time() {
    return time;
  }

  @Override
  public long sent(Tributary client) {
    return transports.get(client).calls();
  }

  @Override
  public OptionalLong received(Tributary client) {
    return OptionalLong.of(transports.get(client).received());
  }

  @Override
  public void kill(Tributary client) {
    transports.get(client).transport().close();
  }

  @Override
  public void close() {
    engine.close();
  }
}
