package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.Deadline;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.grpc.ServerCall;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.health.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse.ServingStatus;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The standard health service: whoever answers, serves. */
final class HealthRpcs {
  private static final Set<String> SERVICES = Set.of("", DisheapMethods.ENQUEUE.service());

  CompletableFuture<HealthCheckResponse> check(HealthCheckRequest request, Deadline deadline) {
    if (!SERVICES.contains(request.getService())) {
      throw Rejection.notFound("unknown service " + request.getService());
    }
    return CompletableFuture.completedFuture(response(ServingStatus.SERVING));
  }

  /** Says it once, for it does not change; what is not known may come to be, as that service has it. */
  void watch(HealthCheckRequest request, ServerCall<HealthCheckRequest, HealthCheckResponse> call) {
    boolean known = SERVICES.contains(request.getService());
    call.context()
        .runOnContext(
            turn -> {
              if (!call.ended()) {
                call.response().write(response(known ? ServingStatus.SERVING : ServingStatus.SERVICE_UNKNOWN));
              }
            });
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }
}
