package dev.tributary.testkit.contract;

final class GoQueueStreamTest extends StreamContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
