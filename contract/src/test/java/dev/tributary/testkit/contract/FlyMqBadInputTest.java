package dev.tributary.testkit.contract;

final class FlyMqBadInputTest extends BadInputContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
