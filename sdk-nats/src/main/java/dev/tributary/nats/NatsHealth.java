package dev.tributary.nats;

import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.wire.Answers;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Steps;
import java.util.concurrent.CompletableFuture;

/** Health: whether JetStream answers. A server that only relays is not told from one that works. */
final class NatsHealth implements HealthTransport {
  private final NatsCaller caller;

  NatsHealth(NatsCaller caller) {
    this.caller = caller;
  }

  @Override
  public CompletableFuture<Boolean> live(Deadline deadline) {
    return Steps.map(caller.api("INFO", null, Answers.Account.class, deadline), answered -> true);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return live(deadline);
  }
}
