package dev.tributary.testkit.server.flowmesh;

import static dev.tributary.testkit.server.flowmesh.Paths.path;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flowmesh.proto.CreateReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Event;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListReplaySessionsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.PauseReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReplaySession;
import dev.tributary.vertx.internal.flowmesh.proto.ResumeReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StartReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StopReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReplayRpcsTest {
  private static final int MESSAGES = 150;

  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private RawClient client;

  @BeforeEach
  void start() {
    serve(EmbeddedServer.flowmesh());
  }

  private void serve(EmbeddedServer.Builder settings) {
    server = settings.time(time).start();
    client = new RawClient(server);
    WriteEventsRequest.Builder events = WriteEventsRequest.newBuilder().setResourcePath(path("stream", "s"));
    for (int i = 0; i < MESSAGES; i++) {
      events.addEvents(Event.newBuilder().setPayload(ByteString.copyFromUtf8("e" + i)));
    }
    client.call(FlowMeshMethods.WRITE_EVENTS, events.build()).ok();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void walksTheStreamAndMovesTheSandboxGroup() {
    ReplaySession made = create(wanted().build());
    assertThat(made.getSessionId()).isNotEmpty();
    assertThat(made.getStream()).isEqualTo("t/n/stream/s");
    assertThat(made.getStatus()).isEqualTo("created");
    assertThat(made.getSandboxConsumerGroup()).isEqualTo("_replay_g");
    assertThat(made.getEndOffset()).isEqualTo(-1);
    assertThat(made.hasProgress()).isTrue();
    assertThat(start(made)).isEqualTo(GrpcStatus.OK);
    assertThat(get(made).getStatus()).isEqualTo("active");
    time.advance(Duration.ofMillis(100));
    assertThat(get(made).getProgress().getMessagesReplayed()).isEqualTo(100);
    assertThat(get(made).getProgress().getCurrentOffset()).isEqualTo(100);
    assertThat(committed()).isEqualTo(99);
    time.advance(Duration.ofSeconds(1));
    ReplaySession complete = get(made);
    assertThat(complete.getStatus()).isEqualTo("completed");
    assertThat(complete.getProgress().getCompletedAt()).isPositive();
    assertThat(committed()).isEqualTo(MESSAGES - 1);
    assertThat(start(made)).as("final").isEqualTo(GrpcStatus.FAILED_PRECONDITION);
  }

  @Test
  void endsWhereItIsToldAndAnUnsetEndIsOffsetZero() {
    ReplaySession one = create(wanted().clearEndOffset().build());
    assertThat(one.getEndOffset()).isZero();
    start(one);
    time.advance(Duration.ofSeconds(1));
    assertThat(get(one).getProgress().getMessagesReplayed()).isEqualTo(1);
    ReplaySession some = create(wanted().setStartOffset(10).setEndOffset(19).build());
    start(some);
    time.advance(Duration.ofSeconds(1));
    assertThat(get(some).getProgress().getMessagesReplayed()).isEqualTo(10);
    ReplaySession late = create(wanted().setStartTimestamp(Wire.nanos(time.now())).setStartOffset(77).build());
    assertThat(late.getStartOffset()).isZero();
    assertThat(late.getStartTimestamp()).isEqualTo(Wire.nanos(time.now()));
    start(late);
    time.advance(Duration.ofSeconds(1));
    assertThat(get(late).getProgress().getMessagesReplayed()).isZero();
  }

  @Test
  void movesOnlyBetweenTheStatesItHas() {
    ReplaySession session = create(wanted().build());
    assertInternal(pause(session));
    assertInternal(resume(session));
    assertThat(start(session)).isEqualTo(GrpcStatus.OK);
    assertThat(start(session)).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertInternal(resume(session));
    pause(session).ok();
    assertThat(get(session).getStatus()).isEqualTo("paused");
    time.advance(Duration.ofSeconds(5));
    assertThat(get(session).getProgress().getMessagesReplayed()).isZero();
    assertThat(start(session)).as("start goes on after a pause").isEqualTo(GrpcStatus.OK);
    pause(session).ok();
    resume(session).ok();
    assertThat(get(session).getStatus()).isEqualTo("active");
    assertThat(stop(session)).isEqualTo(GrpcStatus.OK);
    assertThat(stop(session)).as("again").isEqualTo(GrpcStatus.OK);
    assertThat(get(session).getStatus()).isEqualTo("stopped");
    assertThat(start(session)).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
    assertInternal(pause(session));
  }

  @Test
  void deletesAnActiveSessionToo() {
    ReplaySession session = create(wanted().build());
    ReplaySession other = create(wanted().build());
    start(session);
    assertThat(delete(session)).isEqualTo(GrpcStatus.OK);
    assertThat(delete(session)).isEqualTo(GrpcStatus.NOT_FOUND);
    assertThat(
            client
                .call(FlowMeshMethods.LIST_REPLAY_SESSIONS, ListReplaySessionsRequest.newBuilder().setResourcePath(path("stream", "s")).build())
                .ok()
                .getSessionsList())
        .containsExactly(get(other));
    time.advance(Duration.ofSeconds(1));
    assertThat(committed()).as("it walks no more").isEqualTo(-1);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThat(refused(wanted().setStartOffset(-1).build())).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(refused(wanted().setStartOffset(5).setEndOffset(4).build())).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(refused(wanted().setStartTimestamp(5).setEndTimestamp(4).build())).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(refused(wanted().clearSandboxConsumerGroup().build())).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(refused(wanted().clearResourcePath().build())).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    RawClient.Reply<?> unmarked = client.call(FlowMeshMethods.CREATE_REPLAY_SESSION, wanted().setSandboxConsumerGroup("g").build());
    assertThat(unmarked.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(unmarked.message()).contains("_replay_");
    assertThat(client.call(FlowMeshMethods.START_REPLAY, StartReplayRequest.getDefaultInstance()).status())
        .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(client.call(FlowMeshMethods.START_REPLAY, StartReplayRequest.newBuilder().setSessionId("unknown").build()).status())
        .isEqualTo(GrpcStatus.NOT_FOUND);
  }

  @Test
  void standsStillAndHangsIfToldTo() {
    stop();
    serve(EmbeddedServer.flowmesh().emulate(Quirk.REPLAY_STANDS_STILL, Quirk.REPLAY_DELETE_HANGS));
    ReplaySession session = create(wanted().build());
    assertThat(start(session)).isEqualTo(GrpcStatus.OK);
    time.advance(Duration.ofSeconds(10));
    assertThat(get(session).getStatus()).as("for ever").isEqualTo("active");
    assertThat(get(session).getProgress().getMessagesReplayed()).isZero();
    var deletion =
        client.start(FlowMeshMethods.DELETE_REPLAY_SESSION, DeleteReplaySessionRequest.newBuilder().setSessionId(session.getSessionId()).build());
    assertThat(get(session).getStatus()).isEqualTo("active");
    assertThat(deletion).isNotDone();
    assertThat(stop(session)).isEqualTo(GrpcStatus.OK);
    assertThat(get(session).getStatus()).isEqualTo("stopped");
    assertThat(delete(session)).isEqualTo(GrpcStatus.OK);
  }

  private static CreateReplaySessionRequest.Builder wanted() {
    return CreateReplaySessionRequest.newBuilder()
        .setResourcePath(path("stream", "s"))
        .setEndOffset(-1)
        .setSandboxConsumerGroup("_replay_g");
  }

  private ReplaySession create(CreateReplaySessionRequest request) {
    return client.call(FlowMeshMethods.CREATE_REPLAY_SESSION, request).ok().getSession();
  }

  private GrpcStatus refused(CreateReplaySessionRequest request) {
    return client.call(FlowMeshMethods.CREATE_REPLAY_SESSION, request).status();
  }

  private ReplaySession get(ReplaySession session) {
    return client
        .call(FlowMeshMethods.GET_REPLAY_SESSION, GetReplaySessionRequest.newBuilder().setSessionId(session.getSessionId()).build())
        .ok()
        .getSession();
  }

  private GrpcStatus start(ReplaySession session) {
    return client
        .call(FlowMeshMethods.START_REPLAY, StartReplayRequest.newBuilder().setSessionId(session.getSessionId()).build())
        .status();
  }

  private RawClient.Reply<?> pause(ReplaySession session) {
    return client.call(FlowMeshMethods.PAUSE_REPLAY, PauseReplayRequest.newBuilder().setSessionId(session.getSessionId()).build());
  }

  private RawClient.Reply<?> resume(ReplaySession session) {
    return client.call(FlowMeshMethods.RESUME_REPLAY, ResumeReplayRequest.newBuilder().setSessionId(session.getSessionId()).build());
  }

  private GrpcStatus stop(ReplaySession session) {
    return client.call(FlowMeshMethods.STOP_REPLAY, StopReplayRequest.newBuilder().setSessionId(session.getSessionId()).build()).status();
  }

  private GrpcStatus delete(ReplaySession session) {
    return client
        .call(FlowMeshMethods.DELETE_REPLAY_SESSION, DeleteReplaySessionRequest.newBuilder().setSessionId(session.getSessionId()).build())
        .status();
  }

  private long committed() {
    return client
        .call(
            FlowMeshMethods.GET_OFFSET,
            GetOffsetRequest.newBuilder().setResourcePath(path("stream", "s")).setConsumerGroup("_replay_g").build())
        .ok()
        .getOffset();
  }

  private static void assertInternal(RawClient.Reply<?> reply) {
    assertThat(reply.status()).isEqualTo(GrpcStatus.INTERNAL);
    assertThat(reply.message()).contains("is not active");
  }
}
