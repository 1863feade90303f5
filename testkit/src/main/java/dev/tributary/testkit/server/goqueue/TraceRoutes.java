package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpRoutes;

/** What became of messages. */
final class TraceRoutes {
  private final Topics topics;
  private final ServerOptions options;

  TraceRoutes(Topics topics, ServerOptions options) {
    this.topics = topics;
    this.options = options;
  }

  void on(HttpRoutes routes) {}
}
