package dev.tributary.testkit.contract;

final class EngineAuditTest extends AuditContract {
  @Override
  protected Backend open() {
    return EngineBackend.withUsers();
  }
}
