package dev.tributary.testkit.contract;

final class EngineAccessTest extends AccessContract {
  @Override
  protected Backend open() {
    return EngineBackend.withUsers();
  }
}
