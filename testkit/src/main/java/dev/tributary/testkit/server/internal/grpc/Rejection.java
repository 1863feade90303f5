package dev.tributary.testkit.server.internal.grpc;

import io.vertx.grpc.common.GrpcStatus;

/** A call that fails: with which status, and what the client reads about it. */
public final class Rejection extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final GrpcStatus status;

  public Rejection(GrpcStatus status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  public GrpcStatus status() {
    return status;
  }

  public static Rejection invalid(String message) {
    return new Rejection(GrpcStatus.INVALID_ARGUMENT, message);
  }

  public static Rejection notFound(String message) {
    return new Rejection(GrpcStatus.NOT_FOUND, message);
  }

  public static Rejection internal(String message) {
    return new Rejection(GrpcStatus.INTERNAL, message);
  }
}
