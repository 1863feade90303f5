package dev.tributary.testkit.contract;

final class EngineStreamTest extends StreamContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
