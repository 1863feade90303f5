package dev.tributary.testkit.contract;

final class DisheapFaultTest extends FaultContract {
  @Override
  protected Backend open() {
    return WireBackend.onSystemTime("disheap");
  }
}
