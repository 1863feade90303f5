package dev.tributary.testkit.contract;

final class GoQueueSchemaTest extends SchemaContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("goqueue");
  }
}
