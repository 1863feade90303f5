package dev.tributary.testkit.contract;

final class GoQueueAdminTest extends AdminContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
