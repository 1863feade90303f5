package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import io.vertx.core.net.SocketAddress;
import java.util.List;

/**
 * Where to connect: one endpoint until it fails, then the next. One that failed is avoided until all have; then the one that may be tried
 * first is. Thread-safe.
 */
public final class Endpoints {
  private final List<Standing> all;
  private int current;

  Endpoints(List<Standing> all) {
    this.all = List.copyOf(all);
  }

  /** How many there are. */
  public int size() {
    return all.size();
  }

  /** All of them, as they were configured. */
  public List<Endpoint> all() {
    return all.stream().map(standing -> standing.endpoint).toList();
  }

  /** Where to connect now. */
  public Endpoint current() {
    return choice().endpoint;
  }

  /** How the one stands where to connect now. */
  public synchronized Standing choice() {
    Standing best = all.get(current);
    long least = best.avoidedFor();
    int place = current;
    for (int i = 1; i < all.size() && least > 0; i++) {
      int next = (current + i) % all.size();
      long avoided = all.get(next).avoidedFor();
      if (avoided < least) {
        best = all.get(next);
        least = avoided;
        place = next;
      }
    }
    current = place;
    return best;
  }

  /** The addresses to try for an endpoint: {@code localhost} means both loopbacks, whatever the resolver makes of it. */
  static List<SocketAddress> addresses(Endpoint endpoint) {
    int port = endpoint.port();
    if (endpoint.host().equalsIgnoreCase("localhost")) {
      return List.of(SocketAddress.inetSocketAddress(port, "127.0.0.1"), SocketAddress.inetSocketAddress(port, "::1"));
    }
    return List.of(SocketAddress.inetSocketAddress(port, endpoint.host()));
  }
}
