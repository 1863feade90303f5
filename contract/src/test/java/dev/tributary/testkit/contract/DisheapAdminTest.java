package dev.tributary.testkit.contract;

final class DisheapAdminTest extends AdminContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("disheap");
  }
}
