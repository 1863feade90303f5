package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpRoutes;

/** Administration. */
final class AdminRoutes {
  private final Topics topics;
  private final ServerOptions options;
  private final ApiKeys keys;

  AdminRoutes(Topics topics, ServerOptions options, ApiKeys keys) {
    this.topics = topics;
    this.options = options;
    this.keys = keys;
  }

  void on(HttpRoutes routes) {}
}
