package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport.ReplayCommand;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.flowmesh.proto.CreateReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListReplaySessionsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.PauseReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ResumeReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StartReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StopReplayRequest;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Replay sessions of FlowMesh. The public server makes and shows them, but its sessions never get anywhere. */
final class FlowMeshReplays {
  private static final String GROUP_PREFIX = "_replay_";
  private static final long NO_END = -1;

  private final GrpcCaller caller;

  FlowMeshReplays(GrpcCaller caller) {
    this.caller = caller;
  }

  CompletableFuture<Replay.State> create(ResourceName stream, ReplayOptions options, Deadline deadline) {
    if (!options.group().startsWith(GROUP_PREFIX)) {
      throw InvalidRequestException.of(
          "the sandbox group \"" + options.group() + "\" does not begin with " + GROUP_PREFIX, "Call it " + GROUP_PREFIX + options.group());
    }
    CreateReplaySessionRequest.Builder request =
        CreateReplaySessionRequest.newBuilder()
            .setResourcePath(FlowMeshMapping.stream(stream))
            .setSandboxConsumerGroup(options.group())
            // Zero is an offset like any other there.
            .setStartOffset(options.start() instanceof StartAt.Offset from ? from.offset() : 0)
            .setEndOffset(options.endOffset().orElse(NO_END));
    if (options.start() instanceof StartAt.Time from) {
      request.setStartTimestamp(FlowMeshMapping.nanos(from.time()));
    }
    if (options.endTime() != null) {
      request.setEndTimestamp(FlowMeshMapping.nanos(options.endTime()));
    }
    return caller.call(
        FlowMeshMethods.CREATE_REPLAY_SESSION, request.build(), deadline, answer -> FlowMeshMapping.replay(answer.getSession()));
  }

  CompletableFuture<List<Replay.State>> list(ResourceName stream, Deadline deadline) {
    ListReplaySessionsRequest request = ListReplaySessionsRequest.newBuilder().setResourcePath(FlowMeshMapping.stream(stream)).build();
    return caller.call(
        FlowMeshMethods.LIST_REPLAY_SESSIONS, request, deadline, answer -> answer.getSessionsList().stream().map(FlowMeshMapping::replay).toList());
  }

  CompletableFuture<Replay.State> get(String id, Deadline deadline) {
    GetReplaySessionRequest request = GetReplaySessionRequest.newBuilder().setSessionId(id).build();
    return caller.call(FlowMeshMethods.GET_REPLAY_SESSION, request, deadline, answer -> FlowMeshMapping.replay(answer.getSession()));
  }

  CompletableFuture<Void> control(String id, ReplayCommand command, Deadline deadline) {
    return switch (command) {
      case START -> caller.call(
          FlowMeshMethods.START_REPLAY, StartReplayRequest.newBuilder().setSessionId(id).build(), deadline, started -> null);
      case PAUSE -> caller.call(
          FlowMeshMethods.PAUSE_REPLAY, PauseReplayRequest.newBuilder().setSessionId(id).build(), deadline, paused -> null);
      case RESUME -> caller.call(
          FlowMeshMethods.RESUME_REPLAY, ResumeReplayRequest.newBuilder().setSessionId(id).build(), deadline, resumed -> null);
      case STOP -> stop(id, deadline);
      case DELETE -> delete(id, deadline);
    };
  }

  private CompletableFuture<Void> stop(String id, Deadline deadline) {
    return caller.call(FlowMeshMethods.STOP_REPLAY, StopReplayRequest.newBuilder().setSessionId(id).build(), deadline, stopped -> null);
  }

  /** Deleting an active session hangs the whole service, so it is stopped first unless it is over anyway. */
  private CompletableFuture<Void> delete(String id, Deadline deadline) {
    DeleteReplaySessionRequest request = DeleteReplaySessionRequest.newBuilder().setSessionId(id).build();
    return Steps.then(
        get(id, deadline),
        state ->
            state.status() == Replay.Status.ACTIVE || state.status() == Replay.Status.PAUSED
                ? Steps.then(stop(id, deadline), stopped -> remove(request, deadline))
                : remove(request, deadline));
  }

  private CompletableFuture<Void> remove(DeleteReplaySessionRequest request, Deadline deadline) {
    return caller.call(FlowMeshMethods.DELETE_REPLAY_SESSION, request, deadline, deleted -> null);
  }
}
