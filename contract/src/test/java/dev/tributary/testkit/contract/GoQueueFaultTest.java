package dev.tributary.testkit.contract;

final class GoQueueFaultTest extends FaultContract {
  @Override
  protected Backend open() {
    return WireBackend.onSystemTime("goqueue");
  }
}
