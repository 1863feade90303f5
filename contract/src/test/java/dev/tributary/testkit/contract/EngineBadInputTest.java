package dev.tributary.testkit.contract;

final class EngineBadInputTest extends BadInputContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
