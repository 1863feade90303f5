package dev.tributary.testkit.contract;

final class FlowMeshEnduranceTest extends EnduranceContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
