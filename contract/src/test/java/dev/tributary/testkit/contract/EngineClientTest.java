package dev.tributary.testkit.contract;

final class EngineClientTest extends ClientContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
