package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport.ReplayCommand;
import dev.tributary.stream.StartAt;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.flowmesh.proto.CreateReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.CreateReplaySessionResponse;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteReplaySessionResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetReplaySessionResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ListReplaySessionsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListReplaySessionsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.PauseReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.PauseReplayResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReplayProgress;
import dev.tributary.vertx.internal.flowmesh.proto.ReplaySession;
import dev.tributary.vertx.internal.flowmesh.proto.ResumeReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ResumeReplayResponse;
import dev.tributary.vertx.internal.flowmesh.proto.StartReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StartReplayResponse;
import dev.tributary.vertx.internal.flowmesh.proto.StopReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StopReplayResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** ReplayService. What a session was made with is kept here, as the SPI only says how it stands. */
final class ReplayRpcs {
  private static final String SANDBOX = "_replay_";

  private final Catalog catalog;
  private final ServerOptions options;
  private final Map<String, ReplaySession> made = new ConcurrentHashMap<>();
  /** Those that were started and do not move, by {@link Quirk#REPLAY_STANDS_STILL}. */
  private final Set<String> still = ConcurrentHashMap.newKeySet();

  ReplayRpcs(Catalog catalog, ServerOptions options) {
    this.catalog = catalog;
    this.options = options;
  }

  CompletableFuture<CreateReplaySessionResponse> create(CreateReplaySessionRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    boolean byTime = request.getStartTimestamp() > 0;
    boolean untilTime = request.getEndTimestamp() > 0;
    boolean untilOffset = !untilTime && request.getEndOffset() >= 0;
    if (!byTime && request.getStartOffset() < 0) {
      throw Rejection.invalid("start_offset or start_timestamp is required");
    }
    if (!byTime && untilOffset && request.getEndOffset() < request.getStartOffset()
        || byTime && untilTime && request.getEndTimestamp() < request.getStartTimestamp()) {
      throw Rejection.invalid("the end is before the start");
    }
    if (request.getSandboxConsumerGroup().isEmpty()) {
      throw Rejection.invalid("sandbox_consumer_group is required");
    }
    ResourceName stream = Catalog.name(request.getResourcePath(), ResourceKind.STREAM);
    if (!request.getSandboxConsumerGroup().startsWith(SANDBOX)) {
      throw Rejection.internal("sandbox consumer group must begin with " + SANDBOX);
    }
    StartAt start = byTime ? StartAt.time(Wire.time(request.getStartTimestamp())) : StartAt.offset(request.getStartOffset());
    ReplayOptions.Builder wanted = ReplayOptions.builder(request.getSandboxConsumerGroup(), start);
    if (untilOffset) {
      wanted.endOffset(request.getEndOffset());
    }
    if (untilTime) {
      wanted.endTime(Wire.time(request.getEndTimestamp()));
    }
    return Steps.map(
        catalog.use(ResourceKind.STREAM, stream, deadline, () -> catalog.streams().createReplay(stream, wanted.build(), deadline)),
        state -> {
          ReplaySession session =
              ReplaySession.newBuilder()
                  .setStream(Catalog.path(ResourceKind.STREAM, stream))
                  .setStartOffset(byTime ? 0 : request.getStartOffset())
                  .setStartTimestamp(byTime ? request.getStartTimestamp() : 0)
                  .setEndOffset(untilOffset ? request.getEndOffset() : -1)
                  .setEndTimestamp(untilTime ? request.getEndTimestamp() : 0)
                  .build();
          made.put(state.id(), session);
          return CreateReplaySessionResponse.newBuilder().setStatus(Wire.OK).setSession(session(state)).build();
        });
  }

  CompletableFuture<GetReplaySessionResponse> get(GetReplaySessionRequest request, Deadline deadline) {
    return Steps.map(
        state(request.getSessionId(), deadline),
        state -> GetReplaySessionResponse.newBuilder().setStatus(Wire.OK).setSession(session(state)).build());
  }

  CompletableFuture<ListReplaySessionsResponse> list(ListReplaySessionsRequest request, Deadline deadline) {
    Catalog.present(request.hasResourcePath());
    ResourceName stream = Catalog.name(request.getResourcePath());
    return Steps.map(
        catalog.use(ResourceKind.STREAM, stream, deadline, () -> catalog.streams().replays(stream, deadline)),
        states -> {
          ListReplaySessionsResponse.Builder listed = ListReplaySessionsResponse.newBuilder().setStatus(Wire.OK);
          states.forEach(state -> listed.addSessions(session(shown(state))));
          return listed.build();
        });
  }

  CompletableFuture<StartReplayResponse> start(StartReplayRequest request, Deadline deadline) {
    CompletableFuture<Void> started =
        options.quirks().contains(Quirk.REPLAY_STANDS_STILL)
            ? Steps.then(state(request.getSessionId(), deadline), this::standStill)
            : control(request.getSessionId(), ReplayCommand.START, deadline);
    return Steps.map(started, done -> StartReplayResponse.newBuilder().setStatus(Wire.OK).build());
  }

  private CompletableFuture<Void> standStill(Replay.State state) {
    if (state.status() != Replay.Status.CREATED) {
      throw new Rejection(GrpcStatus.FAILED_PRECONDITION, "cannot start a replay that is " + state.status());
    }
    still.add(state.id());
    return CompletableFuture.completedFuture(null);
  }

  CompletableFuture<PauseReplayResponse> pause(PauseReplayRequest request, Deadline deadline) {
    return Steps.map(
        running(request.getSessionId(), Replay.Status.ACTIVE, ReplayCommand.PAUSE, deadline),
        done -> PauseReplayResponse.newBuilder().setStatus(Wire.OK).build());
  }

  CompletableFuture<ResumeReplayResponse> resume(ResumeReplayRequest request, Deadline deadline) {
    return Steps.map(
        running(request.getSessionId(), Replay.Status.PAUSED, ReplayCommand.RESUME, deadline),
        done -> ResumeReplayResponse.newBuilder().setStatus(Wire.OK).build());
  }

  CompletableFuture<StopReplayResponse> stop(StopReplayRequest request, Deadline deadline) {
    return Steps.map(
        control(request.getSessionId(), ReplayCommand.STOP, deadline),
        done -> StopReplayResponse.newBuilder().setStatus(Wire.OK).build());
  }

  /** An active session is stopped first: that is what the rpc promises. */
  CompletableFuture<DeleteReplaySessionResponse> delete(DeleteReplaySessionRequest request, Deadline deadline) {
    String id = request.getSessionId();
    CompletableFuture<Void> deleted =
        Steps.then(
            state(id, deadline),
            state -> {
              if (state.status() != Replay.Status.ACTIVE) {
                return control(id, ReplayCommand.DELETE, deadline);
              } else if (options.quirks().contains(Quirk.REPLAY_DELETE_HANGS)) {
                return new CompletableFuture<>();
              }
              return Steps.then(
                  control(id, ReplayCommand.STOP, deadline), stopped -> control(id, ReplayCommand.DELETE, deadline));
            });
    return Steps.map(
        deleted,
        done -> {
          made.remove(id);
          still.remove(id);
          return DeleteReplaySessionResponse.newBuilder().setStatus(Wire.OK).build();
        });
  }

  private CompletableFuture<Void> running(String id, Replay.Status needed, ReplayCommand command, Deadline deadline) {
    return Steps.then(
        state(id, deadline),
        state -> {
          if (state.status() != needed || still.contains(id)) {
            throw Rejection.internal("replay session " + id + " is not active");
          }
          return control(id, command, deadline);
        });
  }

  private CompletableFuture<Replay.State> state(String id, Deadline deadline) {
    required(id);
    return Steps.map(catalog.streams().replay(id, deadline), this::shown);
  }

  private Replay.State shown(Replay.State state) {
    return state.status() == Replay.Status.CREATED && still.contains(state.id())
        ? new Replay.State(state.id(), state.group(), Replay.Status.ACTIVE, state.nextOffset(), 0, 0, state.createdAt(), null)
        : state;
  }

  private CompletableFuture<Void> control(String id, ReplayCommand command, Deadline deadline) {
    required(id);
    return catalog.streams().control(id, command, deadline);
  }

  private static void required(String id) {
    if (id.isEmpty()) {
      throw Rejection.invalid("session_id is required");
    }
  }

  private ReplaySession session(Replay.State state) {
    return made.getOrDefault(state.id(), ReplaySession.getDefaultInstance()).toBuilder()
        .setSessionId(state.id())
        .setSandboxConsumerGroup(state.group())
        .setStatus(state.status() == Replay.Status.FAILED ? "error" : state.status().name().toLowerCase(Locale.ROOT))
        .setProgress(
            ReplayProgress.newBuilder()
                .setCurrentOffset(state.nextOffset())
                .setMessagesReplayed(state.replayed())
                .setErrors(state.errors())
                .setCompletedAt(Wire.nanos(state.completedAt())))
        .setCreatedAt(Wire.nanos(state.createdAt()))
        .setUpdatedAt(Wire.nanos(state.completedAt() == null ? state.createdAt() : state.completedAt()))
        .build();
  }
}
