package dev.tributary.testkit.contract;

final class DisheapQueueTest extends QueueContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("disheap");
  }
}
