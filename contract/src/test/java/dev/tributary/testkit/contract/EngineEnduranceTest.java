package dev.tributary.testkit.contract;

final class EngineEnduranceTest extends EnduranceContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
