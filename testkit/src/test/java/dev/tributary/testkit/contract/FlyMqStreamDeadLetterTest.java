package dev.tributary.testkit.contract;

final class FlyMqStreamDeadLetterTest extends StreamDeadLetterContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
