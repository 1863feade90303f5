package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.testkit.server.internal.http.WireJson;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.Event;
import dev.tributary.vertx.internal.flowmesh.proto.GetConsumerGroupStateRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetLatestOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The routes of streams. */
final class HttpStreams {
  private static final String STREAM = "/api/v1/streams/{tenant}/{namespace}/{name}";
  private static final String GROUP = STREAM + "/consumer-groups/{group}";
  private static final int DEFAULT_READ = 100;

  private final StreamRpcs streams;

  HttpStreams(StreamRpcs streams) {
    this.streams = streams;
  }

  void on(HttpRoutes routes) {
    routes
        .on("POST", STREAM + "/events", storage(this::write))
        .on("GET", STREAM + "/messages", storage(this::read))
        .on("GET", STREAM + "/offsets/latest", storage(this::latest))
        .on("GET", STREAM + "/stats", storage(this::stats))
        .on("GET", STREAM + "/consumer-groups", storage(this::groups))
        .on("POST", GROUP + "/offsets", storage(this::commit))
        .on("GET", GROUP + "/offsets", storage(this::committed))
        .on("GET", GROUP + "/state", storage(this::state));
  }

  /** What is refused before it reaches the stream fails as everywhere, with text; what the stream fails with is JSON. */
  private static HttpRoutes.Operation storage(HttpRoutes.Operation operation) {
    return call ->
        Steps.otherwise(operation.answer(call), error -> CompletableFuture.completedFuture(HttpAnswers.ofStorage(error)));
  }

  private CompletableFuture<HttpReply> write(HttpCall call) {
    WriteEventsRequest.Builder request = WriteEventsRequest.newBuilder().setResourcePath(path(call));
    if (!(call.body().getValue("events") instanceof JsonArray events)) {
      throw Rejection.invalid("events are required");
    }
    for (Object event : events) {
      if (!(event instanceof JsonObject json)) {
        throw Rejection.invalid("an event must be an object");
      }
      request.addEvents(Event.newBuilder().setPayload(HttpCall.bytes(json, "payload")).putAllHeaders(HttpFields.headers(json)));
    }
    return Steps.map(
        streams.writeEvents(request.build(), call.deadline()),
        written ->
            HttpReply.json(
                HttpAnswers.success("events written").put("offsets", new JsonArray(List.copyOf(written.getOffsetsList())))));
  }

  private CompletableFuture<HttpReply> read(HttpCall call) {
    if (call.query("offset") == null) {
      throw Rejection.invalid("offset is required");
    }
    long max = call.query("max_messages", DEFAULT_READ);
    if (max <= 0) {
      throw Rejection.invalid("max_messages must be positive");
    }
    ReadStreamRequest request =
        ReadStreamRequest.newBuilder()
            .setResourcePath(path(call))
            .setPartition(HttpFields.partition(call))
            .setOffset(call.query("offset", 0))
            .setMaxMessages((int) Math.min(max, Integer.MAX_VALUE))
            .build();
    return Steps.map(
        streams.readStream(request, call.deadline()),
        read -> HttpReply.json(HttpAnswers.success("messages read").put("messages", WireJson.array(read.getMessagesList()))));
  }

  private CompletableFuture<HttpReply> latest(HttpCall call) {
    return Steps.map(
        latestOffset(call), offset -> HttpReply.json(HttpAnswers.success("latest offset").put("offset", offset)));
  }

  private CompletableFuture<HttpReply> stats(HttpCall call) {
    return Steps.map(
        latestOffset(call),
        offset -> HttpReply.json(HttpAnswers.success("stats").put("stats", new JsonObject().put("latest_offset", offset))));
  }

  private CompletableFuture<Long> latestOffset(HttpCall call) {
    GetLatestOffsetRequest request =
        GetLatestOffsetRequest.newBuilder().setResourcePath(path(call)).setPartition(HttpFields.partition(call)).build();
    return Steps.map(streams.getLatestOffset(request, call.deadline()), latest -> latest.getOffset());
  }

  private CompletableFuture<HttpReply> groups(HttpCall call) {
    ResourceName stream = Catalog.name(path(call), ResourceKind.STREAM);
    return Steps.then(
        streams.groups(stream, call.deadline()), groups -> groups(stream, groups, 0, new JsonArray(), call.deadline()));
  }

  private CompletableFuture<HttpReply> groups(
      ResourceName stream, List<String> groups, int at, JsonArray listed, Deadline deadline) {
    if (at == groups.size()) {
      return CompletableFuture.completedFuture(HttpReply.json(HttpAnswers.success("consumer groups").put("consumer_groups", listed)));
    }
    String group = groups.get(at);
    return Steps.then(
        streams.committed(stream, group, 0, deadline),
        committed -> {
          if (committed.isEmpty()) {
            return groups(stream, groups, at + 1, listed, deadline);
          }
          return Steps.then(
              streams.state(stream, group, 0, deadline),
              state -> {
                JsonObject shown = WireJson.of(state);
                shown.remove("stream");
                return groups(stream, groups, at + 1, listed.add(shown), deadline);
              });
        });
  }

  private CompletableFuture<HttpReply> commit(HttpCall call) {
    JsonObject body = call.body();
    if (!body.containsKey("offset")) {
      throw Rejection.invalid("offset is required");
    }
    CommitOffsetRequest request =
        CommitOffsetRequest.newBuilder()
            .setResourcePath(path(call))
            .setConsumerGroup(call.variable("group"))
            .setPartition(HttpFields.partition(call))
            .setOffset(HttpCall.number(body, "offset", 0))
            .build();
    return Steps.map(
        streams.commitOffset(request, call.deadline()), done -> HttpReply.json(HttpAnswers.success("offset committed")));
  }

  private CompletableFuture<HttpReply> committed(HttpCall call) {
    GetOffsetRequest request =
        GetOffsetRequest.newBuilder()
            .setResourcePath(path(call))
            .setConsumerGroup(call.variable("group"))
            .setPartition(HttpFields.partition(call))
            .build();
    return Steps.map(
        streams.getOffset(request, call.deadline()),
        committed -> HttpReply.json(HttpAnswers.success("committed offset").put("offset", committed.getOffset())));
  }

  private CompletableFuture<HttpReply> state(HttpCall call) {
    GetConsumerGroupStateRequest request =
        GetConsumerGroupStateRequest.newBuilder()
            .setResourcePath(path(call))
            .setConsumerGroup(call.variable("group"))
            .setPartition(HttpFields.partition(call))
            .build();
    return Steps.map(
        streams.getConsumerGroupState(request, call.deadline()),
        state -> HttpReply.json(HttpAnswers.success("consumer group state").put("state", WireJson.of(state.getState()))));
  }

  private static ResourcePath path(HttpCall call) {
    return HttpFields.resource(call, ResourceKind.STREAM);
  }
}
