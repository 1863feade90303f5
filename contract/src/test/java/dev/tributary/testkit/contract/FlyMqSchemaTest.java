package dev.tributary.testkit.contract;

final class FlyMqSchemaTest extends SchemaContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
