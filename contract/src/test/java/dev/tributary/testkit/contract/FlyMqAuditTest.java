package dev.tributary.testkit.contract;

final class FlyMqAuditTest extends AuditContract {
  @Override
  protected Backend open() {
    return WireBackend.withUsers("flymq");
  }
}
