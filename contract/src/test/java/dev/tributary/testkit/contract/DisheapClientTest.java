package dev.tributary.testkit.contract;

final class DisheapClientTest extends ClientContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("disheap");
  }
}
