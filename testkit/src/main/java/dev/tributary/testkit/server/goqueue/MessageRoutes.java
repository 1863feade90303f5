package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpRoutes;

/** The routes that publish and read. */
final class MessageRoutes {
  private final Topics topics;
  private final ServerOptions options;

  MessageRoutes(Topics topics, ServerOptions options) {
    this.topics = topics;
    this.options = options;
  }

  void on(HttpRoutes routes) {}
}
