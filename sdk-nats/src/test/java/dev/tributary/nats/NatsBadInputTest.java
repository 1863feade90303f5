package dev.tributary.nats;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.BadInputContract;

final class NatsBadInputTest extends BadInputContract {
  @Override
  protected Backend open() {
    return new NatsBackend();
  }
}
