package dev.tributary.testkit.contract;

final class FlowMeshStreamTest extends StreamContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
