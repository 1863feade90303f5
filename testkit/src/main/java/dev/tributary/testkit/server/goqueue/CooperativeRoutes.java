package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.http.HttpRoutes;

/** The routes of groups that hand over only the partitions that move. */
final class CooperativeRoutes {
  private final Topics topics;
  private final ServerOptions options;

  CooperativeRoutes(Topics topics, ServerOptions options) {
    this.topics = topics;
    this.options = options;
  }

  void on(HttpRoutes routes) {}
}
