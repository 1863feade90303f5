package dev.tributary.testkit.contract;

final class FlowMeshTransactionTest extends TransactionContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
