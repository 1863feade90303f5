package dev.tributary.testkit.contract;

final class FlowMeshAdminTest extends AdminContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
