package dev.tributary.testkit.server.flowmesh;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReadinessCheckRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadinessCheckResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Status;
import java.util.concurrent.CompletableFuture;

/** HealthService. */
final class HealthRpcs {
  private static final int NOT_READY = 503;

  private final HealthTransport health;

  HealthRpcs(HealthTransport health) {
    this.health = health;
  }

  /** Whoever answers is alive. */
  CompletableFuture<HealthCheckResponse> healthCheck(HealthCheckRequest request, Deadline deadline) {
    return CompletableFuture.completedFuture(HealthCheckResponse.newBuilder().setStatus(Wire.OK).build());
  }

  CompletableFuture<ReadinessCheckResponse> readinessCheck(ReadinessCheckRequest request, Deadline deadline) {
    return Steps.map(
        ready(deadline),
        ready ->
            ReadinessCheckResponse.newBuilder()
                .setStatus(ready ? Wire.OK : Status.newBuilder().setCode(NOT_READY).setMessage("not ready").build())
                .setReady(ready)
                .build());
  }

  private CompletableFuture<Boolean> ready(Deadline deadline) {
    return Steps.otherwise(health.ready(deadline), unreachable -> CompletableFuture.completedFuture(false));
  }
}
