package dev.tributary.testkit.contract;

final class FlyMqTransactionTest extends TransactionContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
