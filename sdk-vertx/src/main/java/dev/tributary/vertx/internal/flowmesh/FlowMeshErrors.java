package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.TributaryException;
import dev.tributary.vertx.internal.net.grpc.GrpcErrors;
import io.vertx.grpc.common.GrpcStatus;

/** What FlowMesh means by a status. It says INTERNAL for much that is the caller's to know, so that text is looked at. */
final class FlowMeshErrors extends GrpcErrors {
  static final String NOT_CREATED = "Streams, queues and stores are made by the operator of FlowMesh: it has no call that creates them";

  @Override
  public TributaryException of(GrpcStatus status, String message) {
    String text = status.name() + ": " + message;
    return switch (status) {
      case NOT_FOUND -> new NotFoundException(ErrorInfo.of(text, missing(text)));
      case INTERNAL -> internal(text);
      default -> super.of(status, message);
    };
  }

  /** What to do about something that is not there. */
  private static String missing(String text) {
    if (text.contains("schema not found")) {
      return "Register it, or look at what versions there are";
    }
    if (text.contains("replay session not found")) {
      return "Create one: that replay was deleted, or never was";
    }
    return NOT_CREATED;
  }

  private TributaryException internal(String text) {
    if (text.contains("stream not found") || text.contains("queue not found")) {
      return new NotFoundException(ErrorInfo.of(text, NOT_CREATED));
    }
    if (text.contains("validation failed") || text.contains("not valid JSON")) {
      return new SchemaRejectedException(ErrorInfo.of(text, "Send what the attached schema allows"));
    }
    if (text.contains("failed to get schema")) {
      return new SchemaRejectedException(ErrorInfo.of(text, "The attached schema is gone: register that version again"));
    }
    if (text.endsWith("already exists")) {
      return new AlreadyExistsException(ErrorInfo.of(text, "Register the next version"));
    }
    if (text.contains("_replay_")) {
      return new InvalidRequestException(ErrorInfo.of(text, "Begin the name of the sandbox group with _replay_"));
    }
    if (text.contains("is not active")) {
      return new ConflictException(ErrorInfo.of(text, "Look at the session's state first"));
    }
    return super.of(GrpcStatus.INTERNAL, text.substring(text.indexOf(": ") + 2));
  }
}
