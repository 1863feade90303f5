package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpRoutes;

/** The registry of schemas. */
final class SchemaRoutes {
  private final Topics topics;
  private final ServerOptions options;

  SchemaRoutes(Topics topics, ServerOptions options) {
    this.topics = topics;
    this.options = options;
  }

  void on(HttpRoutes routes) {}
}
