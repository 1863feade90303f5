package dev.tributary.nats;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.AdminContract;

final class NatsAdminTest extends AdminContract {
  @Override
  protected Backend open() {
    return new NatsBackend();
  }
}
