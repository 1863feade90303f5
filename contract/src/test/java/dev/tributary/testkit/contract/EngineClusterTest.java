package dev.tributary.testkit.contract;

final class EngineClusterTest extends ClusterContract {
  @Override
  protected Backend open() {
    return new EngineBackend();
  }
}
