package dev.tributary.testkit.contract;

final class FlowMeshClientTest extends ClientContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
