package dev.tributary.examples.program;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.NatsServer;

/** The backend that a program works with: a server that runs, an engine in memory, or a server that ends with the program. */
public final class Target implements AutoCloseable {
  private final String uri;
  private final String description;
  private final Runnable end;

  private Target(String uri, String description, Runnable end) {
    this.uri = uri;
    this.description = description;
    this.end = end;
  }

  /** What this URI names: a backend alone, as {@code disheap:}, is its embedded server, and {@code nats:} a nats-server, where one is installed. */
  public static Target of(String uri) {
    if (!uri.endsWith(":") || uri.equals("memory:")) {
      return new Target(uri, uri.startsWith("memory:") ? "the engine in memory" : "your server", () -> { });
    }
    if (uri.equals("nats:")) {
      NatsServer nats = NatsServer.with().start();
      return new Target(nats.uri(), "a nats-server of its own", nats::close);
    }
    EmbeddedServer embedded = EmbeddedServer.of(uri.substring(0, uri.length() - 1)).start();
    return new Target(embedded.uri(), "an embedded server on a real socket", embedded::close);
  }

  /** Where clients connect. */
  public String uri() {
    return uri;
  }

  /** What it is, in words. */
  public String description() {
    return description;
  }

  @Override
  public void close() {
    end.run();
  }
}
