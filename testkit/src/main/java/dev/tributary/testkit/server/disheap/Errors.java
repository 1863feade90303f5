package dev.tributary.testkit.server.disheap;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import io.vertx.grpc.common.GrpcStatus;

/** Errors as this wire has them: a status and a text, nothing else. */
final class Errors {
  private Errors() {}

  /** What a transport's error is on this wire. */
  static Rejection rejection(Throwable error) {
    Throwable cause = Steps.unwrap(error);
    return cause instanceof Rejection rejection ? rejection : new Rejection(status(cause), String.valueOf(cause.getMessage()));
  }

  /** The state of a heap or a lease forbids it. */
  static Rejection precondition(String message) {
    return new Rejection(GrpcStatus.FAILED_PRECONDITION, message);
  }

  /** What is served cannot do this. */
  static Rejection unimplemented(String message) {
    return new Rejection(GrpcStatus.UNIMPLEMENTED, message);
  }

  /** The same about one item of a batch. */
  static Rejection ofItem(int index, Throwable error) {
    Rejection rejection = rejection(error);
    return new Rejection(rejection.status(), "requests[" + index + "]: " + rejection.getMessage());
  }

  private static GrpcStatus status(Throwable error) {
    if (error instanceof NotFoundException) {
      return GrpcStatus.NOT_FOUND;
    } else if (error instanceof AlreadyExistsException) {
      return GrpcStatus.ALREADY_EXISTS;
    } else if (error instanceof InvalidRequestException
        || error instanceof PayloadTooLargeException
        || error instanceof SchemaRejectedException) {
      return GrpcStatus.INVALID_ARGUMENT;
    } else if (error instanceof ConflictException) {
      return GrpcStatus.ABORTED;
    } else if (error instanceof LeaseLostException) {
      return GrpcStatus.FAILED_PRECONDITION;
    } else if (error instanceof OverloadedException) {
      return GrpcStatus.RESOURCE_EXHAUSTED;
    } else if (error instanceof ConnectionFailedException || error instanceof ClientClosedException) {
      return GrpcStatus.UNAVAILABLE;
    } else if (error instanceof DeadlineExceededException) {
      return GrpcStatus.DEADLINE_EXCEEDED;
    } else if (error instanceof UnsupportedFeatureException) {
      return GrpcStatus.UNIMPLEMENTED;
    }
    return GrpcStatus.INTERNAL;
  }
}
