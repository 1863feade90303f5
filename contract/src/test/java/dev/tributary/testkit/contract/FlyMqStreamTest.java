package dev.tributary.testkit.contract;

final class FlyMqStreamTest extends StreamContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
