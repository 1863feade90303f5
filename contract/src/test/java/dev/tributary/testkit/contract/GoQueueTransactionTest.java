package dev.tributary.testkit.contract;

final class GoQueueTransactionTest extends TransactionContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
