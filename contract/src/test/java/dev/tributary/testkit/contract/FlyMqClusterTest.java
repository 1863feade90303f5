package dev.tributary.testkit.contract;

final class FlyMqClusterTest extends ClusterContract {
  @Override
  protected Backend open() {
    return WireBackend.onVirtualTime("flymq");
  }
}
