package dev.tributary.testkit.server.flowmesh;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import io.vertx.grpc.common.GrpcStatus;

/** Errors as this wire has them: the only channel of FlowMesh's unary errors is the gRPC status. */
final class Errors {
  private Errors() {}

  /** What a transport's error is on this wire, unless the rpc says otherwise. */
  static Rejection rejection(Throwable error) {
    return error instanceof Rejection rejection ? rejection : new Rejection(status(error), text(error));
  }

  private static GrpcStatus status(Throwable error) {
    if (error instanceof NotFoundException) {
      return GrpcStatus.NOT_FOUND;
    } else if (error instanceof InvalidRequestException || error instanceof OffsetOutOfRangeException) {
      return GrpcStatus.INVALID_ARGUMENT;
    } else if (error instanceof ConflictException) {
      return GrpcStatus.FAILED_PRECONDITION;
    } else if (error instanceof PayloadTooLargeException || error instanceof OverloadedException) {
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

  private static String text(Throwable error) {
    if (error instanceof SchemaRejectedException) {
      return "schema validation failed: " + error.getMessage();
    } else if (error instanceof AlreadyExistsException) {
      return error.getMessage() + ": already exists";
    }
    return String.valueOf(error.getMessage());
  }
}
