package dev.tributary.testkit.contract;

final class DisheapBadInputTest extends BadInputContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("disheap");
  }
}
