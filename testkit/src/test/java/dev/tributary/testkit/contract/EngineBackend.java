package dev.tributary.testkit.contract;

import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.config.ClientConfig;
import dev.tributary.spi.Limits;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.engine.MemoryEngine;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** The engine, without a wire, on time that stands still until it is moved. */
final class EngineBackend implements Backend {
  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final Transport own = engine.connect();
  private final EngineResources resources = new EngineResources(own, time);
  private final Map<Tributary, CountedTransport> transports = new IdentityHashMap<>();

  @Override
  public String name() {
    return own.backend();
  }

  @Override
  public Tributary connect(UnaryOperator<ClientConfig.Builder> changes) {
    CountedTransport transport = new CountedTransport(engine.connect());
    Tributary client = Tributary.over(transport.transport(), changes.apply(ClientConfig.builder(name()).time(time)).build());
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
