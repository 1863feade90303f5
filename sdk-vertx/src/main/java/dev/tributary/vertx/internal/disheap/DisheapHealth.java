package dev.tributary.vertx.internal.disheap;

import dev.tributary.error.NotFoundException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.health.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse.ServingStatus;
import dev.tributary.vertx.internal.health.proto.HealthMethods;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.util.concurrent.CompletableFuture;

/** Health of a Disheap server, by the standard health service. It does not tell whether the cluster has a leader. */
final class DisheapHealth implements HealthTransport {
  /** Of the server as a whole. */
  static final HealthCheckRequest SERVER = HealthCheckRequest.getDefaultInstance();

  private static final HealthCheckRequest SERVICE = HealthCheckRequest.newBuilder().setService("disheap.v1.Disheap").build();

  private final GrpcCaller caller;

  DisheapHealth(GrpcCaller caller) {
    this.caller = caller;
  }

  @Override
  public CompletableFuture<Boolean> live(Deadline deadline) {
    return Steps.map(
        check(SERVER, deadline), status -> status == ServingStatus.SERVING || status == ServingStatus.NOT_SERVING);
  }

  @Override
  public CompletableFuture<Boolean> ready(Deadline deadline) {
    return Steps.recover(
        Steps.map(check(SERVICE, deadline), status -> status == ServingStatus.SERVING),
        NotFoundException.class,
        unknown -> CompletableFuture.completedFuture(false));
  }

  private CompletableFuture<ServingStatus> check(HealthCheckRequest what, Deadline deadline) {
    return caller.call(HealthMethods.CHECK, what, deadline, answer -> answer.getStatus());
  }
}
