package dev.tributary.testkit.contract;

final class FlyMqEnduranceTest extends EnduranceContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
