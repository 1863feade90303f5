package dev.tributary.testkit.contract;

final class GoQueueStreamDeadLetterTest extends StreamDeadLetterContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
