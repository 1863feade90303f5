package dev.tributary.nats;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.StreamContract;

final class NatsStreamTest extends StreamContract {
  @Override
  protected Backend open() {
    return new NatsBackend();
  }
}
