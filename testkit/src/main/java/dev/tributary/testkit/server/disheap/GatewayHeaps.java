package dev.tributary.testkit.server.disheap;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.WireJson;
import dev.tributary.vertx.internal.disheap.proto.DLQPolicy;
import dev.tributary.vertx.internal.disheap.proto.DeleteHeapReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PurgeReq;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The gateway's routes of heaps. */
final class GatewayHeaps {
  private static final int DEFAULT_PAGE = 50;
  private static final int MAX_PAGE = 1000;
  private static final long DEFAULT_TOP_K = 100;
  private static final int LONGEST_DESCRIPTION = 1024;
  /** What a request cannot say, and the engine wants to be told. */
  private static final MakeHeapReq DEFAULTS =
      MakeHeapReq.newBuilder()
          .setRetentionTime(days(7))
          .setVisibilityTimeoutDefault(Duration.newBuilder().setSeconds(300))
          .setMaxRetriesDefault(3)
          .setMaxPayloadBytes(1 << 20)
          .setDlqPolicy(DLQPolicy.newBuilder().setEnabled(true).setRetentionTime(days(7)))
          .build();

  private final LocalCalls rpcs;
  private final Heaps heaps;
  private final GatewayStats stats;

  GatewayHeaps(LocalCalls rpcs, Heaps heaps, GatewayStats stats) {
    this.rpcs = rpcs;
    this.heaps = heaps;
    this.stats = stats;
  }

  private static Duration days(int days) {
    return Duration.newBuilder().setSeconds(java.time.Duration.ofDays(days).toSeconds()).build();
  }

  CompletableFuture<HttpReply> create(HttpCall call) {
    JsonObject body = call.body();
    String topic = HttpCall.required(body, "topic");
    MakeHeapReq request =
        DEFAULTS.toBuilder()
            .setTopic(topic)
            .setMode(mode(HttpCall.required(body, "mode")))
            .setPartitions(count(body, "partitions", 1))
            .setReplicationFactor(count(body, "replication_factor", 1))
            .setTopKBound(count(body, "top_k_bound", DEFAULT_TOP_K))
            .build();
    String description = description(body);
    return Steps.then(
        rpcs.call(DisheapMethods.MAKE_HEAP, request, call.deadline()),
        made ->
            Steps.map(
                heaps.find(topic, call.deadline()),
                heap -> {
                  heap.description = description;
                  return HttpReply.json(201, json(heap.info()));
                }));
  }

  private static Mode mode(String text) {
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "MIN" -> Mode.MIN;
      case "MAX" -> Mode.MAX;
      default -> throw BadRequest.of("mode", "must be MIN or MAX");
    };
  }

  private static int count(JsonObject body, String key, long missing) {
    return (int) HttpCall.bounded(key, HttpCall.number(body, key, missing), 1, Integer.MAX_VALUE);
  }

  private static String description(JsonObject body) {
    String description = HttpCall.text(body, "description");
    if (description.length() > LONGEST_DESCRIPTION) {
      throw BadRequest.of("description", "is longer than " + LONGEST_DESCRIPTION + " characters");
    }
    return description;
  }

  CompletableFuture<HttpReply> list(HttpCall call) {
    int size = pageSize(call.query("page_size"));
    String token = call.query("page_token");
    ListHeapsReq request = ListHeapsReq.newBuilder().setPageSize(size).setPageToken(token == null ? "" : token).build();
    return Steps.map(
        rpcs.call(DisheapMethods.LIST_HEAPS, request, call.deadline()),
        listed -> {
          JsonArray page = new JsonArray();
          listed.getHeapsList().forEach(heap -> page.add(json(heap)));
          JsonObject body = new JsonObject().put("heaps", page).put("page_size", size);
          if (token != null) {
            body.put("page_token", token);
          }
          if (!listed.getNextPageToken().isEmpty()) {
            body.put("next_token", listed.getNextPageToken());
          }
          return HttpReply.json(body);
        });
  }

  /** As documented: what makes no sense is as good as nothing. */
  private static int pageSize(@Nullable String given) {
    try {
      int size = given == null ? DEFAULT_PAGE : Integer.parseInt(given);
      return size >= 1 && size <= MAX_PAGE ? size : DEFAULT_PAGE;
    } catch (NumberFormatException senseless) {
      return DEFAULT_PAGE;
    }
  }

  CompletableFuture<HttpReply> get(HttpCall call) {
    String topic = call.variable("topic");
    return Steps.then(
        stats.of(topic, call.deadline()),
        counted ->
            Steps.map(
                heaps.find(topic, call.deadline()), heap -> HttpReply.json(json(heap.info()).put("stats", WireJson.of(counted)))));
  }

  CompletableFuture<HttpReply> change(HttpCall call) {
    String topic = call.variable("topic");
    JsonObject body = call.body();
    if (body.getValue("top_k_bound") != null) {
      throw BadRequest.of("top_k_bound", "cannot be changed");
    }
    String description = description(body);
    return Steps.map(
        heaps.find(topic, call.deadline()),
        heap -> {
          if (body.getValue("description") != null) {
            heap.description = description;
          }
          return done("heap updated", topic);
        });
  }

  CompletableFuture<HttpReply> delete(HttpCall call) {
    String topic = call.variable("topic");
    confirmed(call);
    DeleteHeapReq request = DeleteHeapReq.newBuilder().setTopic(topic).setForce(true).build();
    return Steps.map(rpcs.call(DisheapMethods.DELETE_HEAP, request, call.deadline()), deleted -> done("heap deleted", topic));
  }

  CompletableFuture<HttpReply> purge(HttpCall call) {
    String topic = call.variable("topic");
    confirmed(call);
    PurgeReq request = PurgeReq.newBuilder().setTopic(topic).setForce(true).build();
    return Steps.map(rpcs.call(DisheapMethods.PURGE, request, call.deadline()), purged -> done("heap purged", topic));
  }

  private static void confirmed(HttpCall call) {
    if (!"true".equals(call.query("confirm"))) {
      throw BadRequest.of("confirm", "must be true");
    }
  }

  private static HttpReply done(String message, String topic) {
    return HttpReply.json(new JsonObject().put("message", message).put("topic", topic));
  }

  private JsonObject json(HeapInfo heap) {
    return new JsonObject()
        .put("topic", heap.getTopic())
        .put("mode", heap.getMode().name())
        .put("partitions", heap.getPartitions())
        .put("replication_factor", heap.getReplicationFactor())
        .put("top_k_bound", heap.getTopKBound())
        .put("description", heaps.description(heap.getTopic()))
        .put("created_at", created(heap));
  }

  private static String created(HeapInfo heap) {
    Timestamp at = heap.getCreatedAt();
    return heap.hasCreatedAt() ? Instant.ofEpochSecond(at.getSeconds(), at.getNanos()).toString() : "";
  }
}
