package dev.tributary.examples.bench.goqueue;

import dev.tributary.examples.bench.Names;
import dev.tributary.examples.bench.Operation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The only member of a group of its own, which polls, commits and acks; its heart beats until it leaves. */
final class GroupMember {
  private static final String GROUP = "/groups/bench-by-hand/";
  private static final Duration HEARTBEAT = Duration.ofSeconds(3);

  private final Vertx vertx;
  private final GoQueueOnWebClient http;
  private final String id;
  private final int generation;
  private final long heart;

  private GroupMember(Vertx vertx, GoQueueOnWebClient http, JsonObject joined) {
    this.vertx = vertx;
    this.http = http;
    this.id = joined.getString("member_id");
    this.generation = joined.getInteger("generation");
    this.heart = vertx.setPeriodic(HEARTBEAT.toMillis(), beat -> http.post(GROUP + "heartbeat", self().put("generation", generation)));
  }

  static Future<GroupMember> join(Vertx vertx, GoQueueOnWebClient http) {
    return http.post(GROUP + "join", new JsonObject().put("client_id", "bench").put("topics", new JsonArray().add(Names.QUEUE)))
        .map(joined -> new GroupMember(vertx, http, joined));
  }

  /** Polls for a batch, commits it, and acks its messages side by side; completes with their number. */
  Future<Integer> pollAndAck() {
    return http.get(
            GROUP + "poll?member_id=" + id + "&generation=" + generation
                + "&limit=" + Operation.BATCH + "&max_messages=" + Operation.BATCH + "&timeout=1s")
        .compose(
            polled -> {
              JsonObject next = polled.getJsonObject("next_offset");
              return next.isEmpty() ? Future.succeededFuture(0) : commit(next).compose(ok -> ack(polled.getJsonObject("messages")));
            });
  }

  private Future<JsonObject> commit(JsonObject next) {
    return http.post(GROUP + "offsets", self().put("offsets", new JsonObject().put(Names.QUEUE, next)));
  }

  private Future<Integer> ack(JsonObject messages) {
    List<Future<JsonObject>> acks = new ArrayList<>();
    for (String partition : messages.fieldNames()) {
      JsonArray ofPartition = messages.getJsonArray(partition);
      for (int i = 0; i < ofPartition.size(); i++) {
        String receipt = ofPartition.getJsonObject(i).getString("receipt_handle");
        acks.add(http.post("/messages/ack", new JsonObject().put("receipt_handle", receipt)));
      }
    }
    return Future.all(acks).map(acked -> acks.size());
  }

  Future<JsonObject> leave() {
    vertx.cancelTimer(heart);
    return http.post(GROUP + "leave", self());
  }

  private JsonObject self() {
    return new JsonObject().put("member_id", id);
  }
}
