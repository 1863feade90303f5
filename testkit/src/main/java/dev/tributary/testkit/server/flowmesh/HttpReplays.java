package dev.tributary.testkit.server.flowmesh;

import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.WireJson;
import dev.tributary.vertx.internal.flowmesh.proto.CreateReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetReplaySessionRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListReplaySessionsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.PauseReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReplayProgress;
import dev.tributary.vertx.internal.flowmesh.proto.ReplaySession;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.ResumeReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StartReplayRequest;
import dev.tributary.vertx.internal.flowmesh.proto.StopReplayRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;

/** The routes of replay sessions. */
final class HttpReplays {
  private static final String SESSIONS = "/api/v1/replay/sessions";
  private static final String SESSION = SESSIONS + "/{id}";

  private final ReplayRpcs replays;

  HttpReplays(ReplayRpcs replays) {
    this.replays = replays;
  }

  void on(HttpRoutes routes) {
    routes
        .on("POST", SESSIONS, this::create)
        .on("GET", SESSIONS, this::list)
        .on("GET", SESSION, this::get)
        .on("POST", SESSION + "/start", this::start)
        .on("POST", SESSION + "/pause", this::pause)
        .on("POST", SESSION + "/resume", this::resume)
        .on("POST", SESSION + "/stop", this::stop)
        .on("DELETE", SESSION, this::delete);
  }

  private CompletableFuture<HttpReply> create(HttpCall call) {
    JsonObject body = call.body();
    CreateReplaySessionRequest request =
        CreateReplaySessionRequest.newBuilder()
            .setResourcePath(stream(call, 3))
            .setStartOffset(HttpCall.number(body, "start_offset", -1))
            .setStartTimestamp(HttpCall.number(body, "start_timestamp", 0))
            .setEndOffset(HttpCall.number(body, "end_offset", -1))
            .setEndTimestamp(HttpCall.number(body, "end_timestamp", 0))
            .setSandboxConsumerGroup(HttpCall.text(body, "sandbox_consumer_group"))
            .build();
    return Steps.map(replays.create(request, call.deadline()), made -> HttpReply.json(201, session(made.getSession())));
  }

  private CompletableFuture<HttpReply> list(HttpCall call) {
    ListReplaySessionsRequest request = ListReplaySessionsRequest.newBuilder().setResourcePath(stream(call, 4)).build();
    return Steps.map(
        replays.list(request, call.deadline()),
        listed -> {
          JsonArray sessions = new JsonArray();
          for (ReplaySession session : listed.getSessionsList()) {
            sessions.add(session(session));
          }
          return HttpReply.json(new JsonObject().put("status", "success").put("sessions", sessions));
        });
  }

  /** The stream of the query: a path of three parts where a session is made, the full path of four where they are listed. */
  private static ResourcePath stream(HttpCall call, int length) {
    String path = call.query("stream");
    String[] parts = path == null ? new String[0] : path.split("/", -1);
    if (parts.length != length || length == 4 && !parts[2].equals(Catalog.type(ResourceKind.STREAM))) {
      throw Rejection.invalid("stream must be tenant/namespace" + (length == 4 ? "/stream" : "") + "/name");
    }
    return HttpFields.resource(parts[0], parts[1], parts[length - 1], ResourceKind.STREAM);
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    return Steps.map(
        replays.get(GetReplaySessionRequest.newBuilder().setSessionId(id(call)).build(), call.deadline()),
        found -> HttpReply.json(session(found.getSession())));
  }

  private CompletableFuture<HttpReply> start(HttpCall call) {
    return done("started", replays.start(StartReplayRequest.newBuilder().setSessionId(id(call)).build(), call.deadline()));
  }

  private CompletableFuture<HttpReply> pause(HttpCall call) {
    return done("paused", replays.pause(PauseReplayRequest.newBuilder().setSessionId(id(call)).build(), call.deadline()));
  }

  private CompletableFuture<HttpReply> resume(HttpCall call) {
    return done("resumed", replays.resume(ResumeReplayRequest.newBuilder().setSessionId(id(call)).build(), call.deadline()));
  }

  private CompletableFuture<HttpReply> stop(HttpCall call) {
    return done("stopped", replays.stop(StopReplayRequest.newBuilder().setSessionId(id(call)).build(), call.deadline()));
  }

  private CompletableFuture<HttpReply> delete(HttpCall call) {
    return done("deleted", replays.delete(DeleteReplaySessionRequest.newBuilder().setSessionId(id(call)).build(), call.deadline()));
  }

  private static CompletableFuture<HttpReply> done(String what, CompletableFuture<?> change) {
    return Steps.map(change, changed -> HttpReply.json(HttpAnswers.success("replay " + what)));
  }

  private static String id(HttpCall call) {
    return call.variable("id");
  }

  /** A session, without what it has not. */
  private static JsonObject session(ReplaySession session) {
    JsonObject json = WireJson.of(session);
    if (session.getStartTimestamp() == 0) {
      json.remove("start_timestamp");
    }
    if (session.getEndOffset() < 0) {
      json.remove("end_offset");
    }
    if (session.getEndTimestamp() == 0) {
      json.remove("end_timestamp");
    }
    ReplayProgress progress = session.getProgress();
    JsonObject shown = json.getJsonObject("progress");
    if (shown != null) {
      if (progress.getStartedAt() == 0) {
        shown.remove("started_at");
      }
      if (progress.getPausedAt() == 0) {
        shown.remove("paused_at");
      }
      if (progress.getCompletedAt() == 0) {
        shown.remove("completed_at");
      }
    }
    return json;
  }
}
