package dev.tributary.testkit.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** One wire protocol that an {@link EmbeddedServer} can speak; found by {@link java.util.ServiceLoader}. */
public interface Protocol {
  /** The name, as in the URI of its clients. */
  String name();

  /** The port its servers usually listen on. */
  int usualPort();

  /** Whether its servers make streams, queues and stores that do not exist when they are used. */
  boolean createsOnFirstUse();

  /** What its servers let clients make them hold and wait for, unless they are told otherwise. */
  default ServerLimits limits() {
    return ServerLimits.DEFAULT;
  }

  /** What serves it, made once for the life of a server: what it remembers survives a restart. */
  Service open(Vertx vertx, ServerOptions options, ServerFaults faults);

  /** Serves the protocol on sockets. */
  interface Service {
    /** Listens, on these ports; 0 for free ones. */
    Future<Ports> listen(int port, int httpPort);

    /** Closes the sockets and ends every call. Again is no error. */
    Future<Void> close();

    /** The URI of a client; without a credential. */
    String uri(String host, Ports ports);
  }

  /**
   * Where it listens.
   *
   * @param main the port of the protocol
   * @param http the port of its HTTP side; the same, if they share one
   */
  record Ports(int main, int http) {}
}
