package dev.tributary.testkit.contract;

final class GoQueueQueueTest extends QueueContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
