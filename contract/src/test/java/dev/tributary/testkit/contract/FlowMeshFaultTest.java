package dev.tributary.testkit.contract;

final class FlowMeshFaultTest extends FaultContract {
  @Override
  protected Backend open() {
    return WireBackend.onSystemTime("flowmesh");
  }
}
