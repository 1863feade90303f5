package dev.tributary.nats;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.KeyValueContract;

final class NatsKeyValueTest extends KeyValueContract {
  @Override
  protected Backend open() {
    return new NatsBackend();
  }
}
