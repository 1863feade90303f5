package dev.tributary.testkit.contract;

final class EngineTransactionTest extends TransactionContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
