package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.vertx.internal.net.Steps;
import java.util.concurrent.CompletableFuture;

/** Health of a GoQueue server. */
final class GoQueueHealth implements HealthTransport {
  private final Api api;

  GoQueueHealth(Api api) {
    this.api = api;
  }

  @Override
  public CompletableFuture<Boolean> live(Deadline deadline) {
    return passes("/livez", deadline);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return passes("/readyz", deadline);
  }

  private CompletableFuture<Boolean> passes(String path, Deadline deadline) {
    return Steps.map(api.get(path, deadline), answer -> answer.text("status").equals("pass"));
  }
}
