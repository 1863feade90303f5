package dev.tributary.testkit.contract;

final class FlowMeshDataLossTest extends DataLossContract {
  @Override
  protected Backend open() {
    return WireBackend.onSystemTime("flowmesh");
  }
}
