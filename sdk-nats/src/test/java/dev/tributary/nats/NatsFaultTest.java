package dev.tributary.nats;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.FaultContract;

final class NatsFaultTest extends FaultContract {
  @Override
  protected Backend open() {
    return new NatsBackend();
  }
}
