package dev.tributary.examples.program;

import dev.tributary.testkit.server.EmbeddedServer;
import org.jspecify.annotations.Nullable;

/** The backend that a program works with: a server that runs, an engine in memory, or an embedded server that ends with the program. */
public final class Target implements AutoCloseable {
  private final String uri;
  private final @Nullable EmbeddedServer embedded;

  private Target(String uri, @Nullable EmbeddedServer embedded) {
    this.uri = uri;
    this.embedded = embedded;
  }

  /** What this URI names: a backend alone, as {@code disheap:}, is its embedded server. */
  public static Target of(String uri) {
    if (!uri.endsWith(":") || uri.equals("memory:")) {
      return new Target(uri, null);
    }
    EmbeddedServer embedded = EmbeddedServer.of(uri.substring(0, uri.length() - 1)).start();
    return new Target(embedded.uri(), embedded);
  }

  /** Where clients connect. */
  public String uri() {
    return uri;
  }

  /** What it is, in words. */
  public String description() {
    return embedded != null ? "an embedded server on a real socket" : uri.startsWith("memory:") ? "the engine in memory" : "your server";
  }

  @Override
  public void close() {
    if (embedded != null) {
      embedded.close();
    }
  }
}
