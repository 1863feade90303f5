package dev.tributary.engine;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.spi.TransportProvider;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Serves {@code memory:} and {@code memory:name}, engines that all clients of this process share under their name, or none, for as long as the process
 * lives; and {@code memory:?memory.private=true}, an engine of the client's own that is closed with it. A named engine keeps the time source of the client that
 * came first; the one without a name is on the system's, and a client on another time has one of its own.
 */
public final class MemoryTransportProvider implements TransportProvider {
  private static final String NAMELESS = "";
  private static final String PRIVATE = "private";
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
    config.options().keySet().stream()
        .filter(option -> !option.equals(PRIVATE))
        .findFirst()
        .ifPresent(
            option -> {
              throw InvalidRequestException.of("the memory backend has no option " + option, "Leave it out; it has memory.private");
            });
    boolean alone = isPrivate(config);
    String instance = config.instance();
    if (alone && instance != null) {
      throw InvalidRequestException.of("an engine with a name is not private", "Use memory:?memory.private=true, or memory:" + instance);
    }
    return alone || instance == null && config.time() != TimeSource.system()
        ? MemoryEngine.on(config.time()).connectAlone(config.credentials())
        : SHARED.computeIfAbsent(instance == null ? NAMELESS : instance, name -> MemoryEngine.on(config.time())).connect(config.credentials());
  }

  private static boolean isPrivate(ClientConfig config) {
    String given = config.options().getOrDefault(PRIVATE, "false");
    return switch (given) {
      case "true" -> true;
      case "false" -> false;
      default -> throw InvalidRequestException.of("memory.private is " + given, "Write true or false");
    };
  }
}
