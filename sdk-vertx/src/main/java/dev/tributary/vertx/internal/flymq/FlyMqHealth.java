package dev.tributary.vertx.internal.flymq;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers.Identity;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import java.util.concurrent.CompletableFuture;

/** Health of a FlyMQ server: it is well if it answers, which is all that it says. */
final class FlyMqHealth implements HealthTransport {
  private final FlyMqCaller caller;

  FlyMqHealth(FlyMqCaller caller) {
    this.caller = caller;
  }

  @Override
  public CompletableFuture<Boolean> live(Deadline deadline) {
    return Steps.map(caller.call(Opcode.WHOAMI, "", Message.EMPTY, Identity.class, deadline), answered -> true);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return live(deadline);
  }
}
