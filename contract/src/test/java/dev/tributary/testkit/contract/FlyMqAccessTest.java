package dev.tributary.testkit.contract;

final class FlyMqAccessTest extends AccessContract {
  @Override
  protected Backend open() {
    return WireBackend.withUsers("flymq");
  }
}
