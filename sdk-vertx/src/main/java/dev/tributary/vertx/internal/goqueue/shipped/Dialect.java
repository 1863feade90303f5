package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.client.Api;
import java.util.concurrent.CompletableFuture;

/** How a server speaks: as its protocol declares, or as the one does that was published, with its faults. */
enum Dialect {
  /** As declared: a delayed event gets a place at the end when it is due, a refused job waits as long as was said, priorities mix. */
  DECLARED,
  /**
   * As published: a delayed event appears where it was stored, which readers have passed; cancelling it delivers it; its partition cannot be
   * chosen; a refused job comes at once or is lost for a while; messages that are followed by one of a higher priority cannot be read.
   */
  SHIPPED;

  private static final String DECLARES = "tributary ";

  /** That of the server that is asked now. */
  static CompletableFuture<Dialect> of(Api api, Deadline deadline) {
    return Steps.map(api.version(deadline), version -> version.startsWith(DECLARES) ? DECLARED : SHIPPED);
  }
}
