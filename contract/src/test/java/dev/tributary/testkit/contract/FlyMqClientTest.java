package dev.tributary.testkit.contract;

final class FlyMqClientTest extends ClientContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
