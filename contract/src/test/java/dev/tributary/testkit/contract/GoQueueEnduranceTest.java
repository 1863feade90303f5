package dev.tributary.testkit.contract;

final class GoQueueEnduranceTest extends EnduranceContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
