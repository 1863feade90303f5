package dev.tributary.testkit.contract;

final class FlyMqDataLossTest extends DataLossContract {
  @Override
  protected Backend open() {
    return WireBackend.onSystemTime("flymq");
  }
}
