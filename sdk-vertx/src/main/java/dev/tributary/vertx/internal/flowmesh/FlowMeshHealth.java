package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadinessCheckRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadinessCheckResponse;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.util.concurrent.CompletableFuture;

/** Health of a FlowMesh server. */
final class FlowMeshHealth implements HealthTransport {
  private final GrpcCaller caller;

  FlowMeshHealth(GrpcCaller caller) {
    this.caller = caller;
  }

  @Override
  public CompletableFuture<Boolean> live(Deadline deadline) {
    return caller.call(
        FlowMeshMethods.HEALTH_CHECK, HealthCheckRequest.getDefaultInstance(), deadline, answer -> answer.getStatus().getCode() == 0);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return caller.call(
        FlowMeshMethods.READINESS_CHECK, ReadinessCheckRequest.getDefaultInstance(), deadline, ReadinessCheckResponse::getReady);
  }
}
