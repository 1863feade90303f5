package dev.tributary.testkit.contract;

final class EngineKeyValueTest extends KeyValueContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
