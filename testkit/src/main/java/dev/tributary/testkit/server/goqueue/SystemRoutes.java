package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpRoutes;

/** How the server is. */
final class SystemRoutes {
  private final Topics topics;
  private final ServerOptions options;

  SystemRoutes(Topics topics, ServerOptions options) {
    this.topics = topics;
    this.options = options;
  }

  void on(HttpRoutes routes) {}
}
