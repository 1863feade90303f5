package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import io.vertx.core.Vertx;

/** The protocol {@code disheap}: gRPC, and HTTP beside it. */
public final class DisheapProtocol implements Protocol {
  /** Found by the service loader. */
  public DisheapProtocol() {}

  @Override
  public String name() {
    return "disheap";
  }

  @Override
  public boolean createsOnFirstUse() {
    return false;
  }

  @Override
  public int usualPort() {
    return 9_090;
  }

  @Override
  public Service open(Vertx vertx, ServerOptions options, ServerFaults faults) {
    return new DisheapService(vertx, options, faults);
  }
}
