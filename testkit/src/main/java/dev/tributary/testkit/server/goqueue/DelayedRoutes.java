package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpRoutes;

/** The routes of messages that are not due yet. */
final class DelayedRoutes {
  private final Topics topics;
  private final ServerOptions options;

  DelayedRoutes(Topics topics, ServerOptions options) {
    this.topics = topics;
    this.options = options;
  }

  void on(HttpRoutes routes) {}
}
