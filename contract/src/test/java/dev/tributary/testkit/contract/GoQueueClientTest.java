package dev.tributary.testkit.contract;

final class GoQueueClientTest extends ClientContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
