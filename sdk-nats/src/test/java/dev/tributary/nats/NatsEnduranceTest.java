package dev.tributary.nats;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.EnduranceContract;

final class NatsEnduranceTest extends EnduranceContract {
  @Override
  protected Backend open() {
    return new NatsBackend();
  }
}
