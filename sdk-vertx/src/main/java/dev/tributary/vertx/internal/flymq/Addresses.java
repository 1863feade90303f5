package dev.tributary.vertx.internal.flymq;

import dev.tributary.config.Endpoint;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What addresses of nodes mean that a server names: nobody is connected to whom the configuration does not name. */
record Addresses(List<Endpoint> configured) {
  /** The endpoint that this address is. A server that listens everywhere leaves out its host, which is clear where only one was configured. */
  Optional<Endpoint> configured(String address) {
    return configured.stream().filter(endpoint -> endpoint.toString().equals(address) || alone(endpoint, address)).findFirst();
  }

  private boolean alone(Endpoint endpoint, String address) {
    return configured.size() == 1 && address.equals(":" + endpoint.port());
  }

  /** The address as somebody may be told it; null if it may be one for other nodes. {@code exact} is whether the server has no such. */
  @Nullable String told(String address, boolean exact) {
    return configured(address).map(Endpoint::toString).orElse(exact && !address.isEmpty() ? address : null);
  }
}
