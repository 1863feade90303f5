package dev.tributary.vertx.internal.health.proto;

import dev.tributary.vertx.internal.net.grpc.Rpc;

/** The rpcs of {@code grpc.health.v1}, for drivers and servers. */
public final class HealthMethods {
  private static final String HEALTH = "grpc.health.v1.Health";

  public static final Rpc<HealthCheckRequest, HealthCheckResponse> CHECK =
      Rpc.of(HEALTH, "Check", HealthCheckRequest.getDefaultInstance(), HealthCheckResponse.getDefaultInstance());

  /** One answer at once, and one for every change. */
  public static final Rpc<HealthCheckRequest, HealthCheckResponse> WATCH =
      Rpc.of(HEALTH, "Watch", HealthCheckRequest.getDefaultInstance(), HealthCheckResponse.getDefaultInstance());

  private HealthMethods() {}
}
