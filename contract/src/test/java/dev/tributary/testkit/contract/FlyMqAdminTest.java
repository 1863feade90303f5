package dev.tributary.testkit.contract;

final class FlyMqAdminTest extends AdminContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
