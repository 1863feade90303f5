package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;

/**
 * Where a server listens.
 *
 * @param host a name or an address, without brackets
 * @param port 1 to 65535, or 0 for the backend's default
 */
public record Endpoint(String host, int port) {
  public Endpoint {
    if (host.isBlank()) {
      throw InvalidRequestException.of("an endpoint without a host", "Use host:port");
    }
    if (port < 0 || port > 65535) {
      throw InvalidRequestException.of("port " + port + " of " + host + " is out of range", "Use 1 to 65535");
    }
  }

  /** The same with this port if it has none. */
  public Endpoint orPort(int defaultPort) {
    return port == 0 ? new Endpoint(host, defaultPort) : this;
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
