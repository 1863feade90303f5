package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.config.Retry;
import dev.tributary.spi.TimeSource;
import io.vertx.core.net.SocketAddress;
import java.util.List;

/**
 * Where to connect: one endpoint until it fails, then the next. One that failed is avoided for a while, unless all did; then the one
 * whose time ends first is tried. Thread-safe.
 */
public final class Endpoints {
  private final TimeSource time;
  private final List<State> all;
  private int current;
  private long connections;

  public Endpoints(List<Endpoint> endpoints, Retry retry, TimeSource time) {
    this.time = time;
    this.all = endpoints.stream().map(endpoint -> new State(endpoint, new Backoff(retry))).toList();
  }

  /** How many there are. */
  public int size() {
    return all.size();
  }

  /** All of them, as they were configured. */
  public List<Endpoint> all() {
    return all.stream().map(state -> state.endpoint).toList();
  }

  /** Where to connect now. */
  public synchronized Endpoint current() {
    long now = time.nanos();
    State best = all.get(current);
    int place = current;
    for (int i = 1; i < all.size() && best.avoidedFor(now) > 0; i++) {
      int next = (current + i) % all.size();
      if (all.get(next).avoidedFor(now) < best.avoidedFor(now)) {
        best = all.get(next);
        place = next;
      }
    }
    current = place;
    return best.endpoint;
  }

  /** It could not be reached. */
  public synchronized void failed(Endpoint endpoint) {
    for (State state : all) {
      if (state.endpoint.equals(endpoint)) {
        state.avoided = true;
        state.avoidUntil = time.nanos() + state.backoff.next().toNanos();
      }
    }
  }

  /** A connection was made; its number. */
  public synchronized long succeeded(Endpoint endpoint) {
    connections++;
    for (State state : all) {
      if (state.endpoint.equals(endpoint)) {
        state.avoided = false;
        state.latest = connections;
        state.backoff.reset();
      }
    }
    return connections;
  }

  /**
   * The connection of this number broke off. Old news if another was made since: else calls and the streams that came back would part
   * for nothing.
   */
  public synchronized void broke(Endpoint endpoint, long connection) {
    if (all.stream().noneMatch(state -> state.endpoint.equals(endpoint) && state.latest > connection)) {
      failed(endpoint);
    }
  }

  /** The addresses to try for an endpoint: {@code localhost} means both loopbacks, whatever the resolver makes of it. */
  static List<SocketAddress> addresses(Endpoint endpoint) {
    int port = endpoint.port();
    if (endpoint.host().equalsIgnoreCase("localhost")) {
      return List.of(SocketAddress.inetSocketAddress(port, "127.0.0.1"), SocketAddress.inetSocketAddress(port, "::1"));
    }
    return List.of(SocketAddress.inetSocketAddress(port, endpoint.host()));
  }

  private static final class State {
    final Endpoint endpoint;
    final Backoff backoff;
    boolean avoided;
    long latest;
    long avoidUntil;

    State(Endpoint endpoint, Backoff backoff) {
      this.endpoint = endpoint;
      this.backoff = backoff;
    }

    long avoidedFor(long now) {
      return avoided ? Math.max(0, avoidUntil - now) : 0;
    }
  }
}
