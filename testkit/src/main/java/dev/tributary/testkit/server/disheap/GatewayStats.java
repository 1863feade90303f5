package dev.tributary.testkit.server.disheap;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.ServerOptions;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.WireJson;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.HeapStats;
import dev.tributary.vertx.internal.disheap.proto.StatsReq;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The gateway's routes that count and tell how it is. */
final class GatewayStats {
  private final LocalCalls rpcs;
  private final ServerOptions options;
  private final long started;

  GatewayStats(LocalCalls rpcs, ServerOptions options) {
    this.rpcs = rpcs;
    this.options = options;
    this.started = options.time().nanos();
  }

  CompletableFuture<HttpReply> ready(HttpCall call) {
    return CompletableFuture.completedFuture(HttpReply.json(stamped(new JsonObject().put("status", "ready"))));
  }

  CompletableFuture<HttpReply> health(HttpCall call) {
    return Steps.map(
        Steps.otherwise(
            options.transport().health().ready(call.deadline()), unwell -> CompletableFuture.completedFuture(false)),
        connected -> {
          long uptime = Duration.ofNanos(options.time().nanos() - started).toSeconds();
          JsonObject engine = new JsonObject().put("connected", connected).put("status", connected ? "READY" : "TRANSIENT_FAILURE");
          JsonObject server = new JsonObject().put("uptime", uptime + "s").put("status", "running");
          return HttpReply.json(connected ? 200 : 503, stamped(new JsonObject().put("engine", engine).put("server", server)));
        });
  }

  CompletableFuture<HttpReply> all(HttpCall call) {
    return Steps.map(
        rpcs.call(DisheapMethods.STATS, StatsReq.getDefaultInstance(), call.deadline()),
        counted -> {
          JsonObject topics = new JsonObject();
          new TreeMap<>(counted.getTopicStatsMap()).forEach((topic, stats) -> topics.put(topic, WireJson.of(stats)));
          return HttpReply.json(
              stamped(new JsonObject().put("global_stats", WireJson.of(counted.getGlobalStats())).put("topic_stats", topics)));
        });
  }

  CompletableFuture<HttpReply> of(HttpCall call) {
    String topic = call.variable("topic");
    return Steps.map(
        of(topic, call.deadline()),
        stats -> HttpReply.json(stamped(new JsonObject().put("topic", topic).put("stats", WireJson.of(stats)))));
  }

  /** What is counted of one heap. */
  CompletableFuture<HeapStats> of(String topic, Deadline deadline) {
    return Steps.map(
        rpcs.call(DisheapMethods.STATS, StatsReq.newBuilder().setTopic(topic).build(), deadline),
        counted -> {
          HeapStats stats = counted.getTopicStatsMap().get(topic);
          if (stats == null) {
            throw Rejection.notFound("no topic " + topic);
          }
          return stats;
        });
  }

  private JsonObject stamped(JsonObject body) {
    return body.put("timestamp", options.time().now().toString());
  }
}
