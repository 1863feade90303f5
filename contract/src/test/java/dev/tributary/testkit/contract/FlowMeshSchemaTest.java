package dev.tributary.testkit.contract;

final class FlowMeshSchemaTest extends SchemaContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flowmesh");
  }
}
