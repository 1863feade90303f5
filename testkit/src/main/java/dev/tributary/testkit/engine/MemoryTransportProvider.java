package dev.tributary.testkit.engine;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Serves {@code memory:}, an engine of the client's own that is closed with it, and {@code memory:name}, one that all clients of this
 * process share under that name for as long as the process lives. A shared engine keeps the time source of the client that came first.
 */
public final class MemoryTransportProvider implements TransportProvider {
  private static final ConcurrentMap<String, MemoryEngine> SHARED = new ConcurrentHashMap<>();

  /** For {@link java.util.ServiceLoader}. */
  public MemoryTransportProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of("memory");
  }

  @Override
  public Transport open(ClientConfig config) {
    if (!config.endpoints().isEmpty()) {
      throw InvalidRequestException.of(
          "the memory backend has no address, but " + config.endpoints() + " is given", "Use memory: or memory:name");
    }
    if (!config.options().isEmpty()) {
      throw InvalidRequestException.of(
          "the memory backend has no option " + String.join(", ", config.options().keySet()), "Leave it out");
    }
    String instance = config.instance();
    return instance == null
        ? MemoryEngine.on(config.time()).connectAlone(config.credentials())
        : SHARED.computeIfAbsent(instance, name -> MemoryEngine.on(config.time())).connect(config.credentials());
  }
}
