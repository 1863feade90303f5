package dev.tributary.testkit.contract;

final class FlowMeshKeyValueTest extends KeyValueContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
