package dev.tributary.testkit.contract;

final class EngineSchemaTest extends SchemaContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
