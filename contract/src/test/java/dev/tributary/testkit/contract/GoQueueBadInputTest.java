package dev.tributary.testkit.contract;

final class GoQueueBadInputTest extends BadInputContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
