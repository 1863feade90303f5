package dev.tributary.testkit.contract;

final class EngineQueueTest extends QueueContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
