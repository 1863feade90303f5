package dev.tributary.spi;

import dev.tributary.config.ClientConfig;
import java.util.Set;

/** Makes transports; found by {@link java.util.ServiceLoader}. */
public interface TransportProvider {
  /** The URI schemes it serves, {@code flowmesh} for instance. */
  Set<String> schemes();

  /**
   * Makes a transport. Does not connect: the first call does.
   *
   * @throws dev.tributary.error.InvalidRequestException if the configuration lacks something or has an unknown option
   */
  Transport open(ClientConfig config);
}
