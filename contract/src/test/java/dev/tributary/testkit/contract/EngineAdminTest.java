package dev.tributary.testkit.contract;

final class EngineAdminTest extends AdminContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
