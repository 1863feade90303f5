package dev.tributary.testkit.contract;

final class FlyMqFaultTest extends FaultContract {
  @Override
  protected Backend open() {
    return WireBackend.onSystemTime("flymq");
  }
}
