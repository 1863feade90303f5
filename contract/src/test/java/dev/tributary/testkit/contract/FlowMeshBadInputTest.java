package dev.tributary.testkit.contract;

final class FlowMeshBadInputTest extends BadInputContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
