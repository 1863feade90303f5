package dev.tributary.testkit.server.goqueue;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import io.vertx.core.Vertx;

/** The protocol {@code goqueue}: HTTP and nothing else. */
public final class GoQueueProtocol implements Protocol {
  /** Found by the service loader. */
  public GoQueueProtocol() {}

  @Override
  public String name() {
    return "goqueue";
  }

  @Override
  public boolean createsOnFirstUse() {
    return false;
  }

  @Override
  public int usualPort() {
    return 8_080;
  }

  @Override
  public Service open(Vertx vertx, ServerOptions options, ServerFaults faults) {
    return new GoQueueService(vertx, options, faults);
  }
}
