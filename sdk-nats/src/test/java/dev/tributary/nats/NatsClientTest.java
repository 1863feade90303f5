package dev.tributary.nats;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.ClientContract;

final class NatsClientTest extends ClientContract {
  @Override
  protected Backend open() {
    return new NatsBackend();
  }
}
