package dev.tributary.testkit.contract;

final class DisheapEnduranceTest extends EnduranceContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("disheap");
  }
}
