package dev.tributary.testkit.server.flowmesh;

import dev.tributary.testkit.server.Protocol;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.ServerOptions;
import io.vertx.core.Vertx;

/** The protocol {@code flowmesh}: gRPC, and HTTP beside it. */
public final class FlowMeshProtocol implements Protocol {
  /** Found by the service loader. */
  public FlowMeshProtocol() {}

  @Override
  public String name() {
    return "flowmesh";
  }

  @Override
  public boolean createsOnFirstUse() {
    return true;
  }

  @Override
  public int usualPort() {
    return 50_051;
  }

  @Override
  public Service open(Vertx vertx, ServerOptions options, ServerFaults faults) {
    return new FlowMeshService(vertx, options, faults);
  }
}
