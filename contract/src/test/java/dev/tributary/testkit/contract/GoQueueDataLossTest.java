package dev.tributary.testkit.contract;

final class GoQueueDataLossTest extends DataLossContract {
  @Override
  protected Backend open() {
    return WireBackend.onSystemTime("goqueue");
  }
}
