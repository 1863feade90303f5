package dev.tributary.nats;

import dev.tributary.nats.client.NatsCaller;
import dev.tributary.spi.Steps;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** On how many nodes what is made is kept: as configured, else 3 in a cluster and 1 on a server alone. */
final class NatsReplicas {
  private static final int OF_CLUSTER = 3;

  private final NatsCaller caller;
  private final OptionalInt configured;

  NatsReplicas(NatsCaller caller, OptionalInt configured) {
    this.caller = caller;
    this.configured = configured;
  }

  CompletableFuture<Integer> count() {
    return configured.isPresent()
        ? CompletableFuture.completedFuture(configured.getAsInt())
        : Steps.map(caller.link(), link -> link.cluster() == null ? 1 : OF_CLUSTER);
  }
}
