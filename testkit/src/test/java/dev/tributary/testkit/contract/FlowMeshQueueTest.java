package dev.tributary.testkit.contract;

final class FlowMeshQueueTest extends QueueContract {
  @Override
  protected Backend open() {
    return FlowMeshBackend.onVirtualTime();
  }
}
