package dev.tributary.testkit.contract;

final class FlowMeshQueueTest extends QueueContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
