package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.goqueue.internal.store.Scan;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.grpc.Steps;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Compaction: what a topic would be like if only the last message of every key were kept. A transport keeps its messages, so that nothing
 * is removed, and who asks for more than a dry run is told.
 */
public final class CompactionRoutes {
  private final Topics topics;

  public CompactionRoutes(Topics topics) {
    this.topics = topics;
  }

  public void on(HttpRoutes routes) {
    routes.on("POST", "/admin/topics/{topic}/compact", this::compact);
  }

  private CompletableFuture<HttpReply> compact(HttpCall call) {
    String name = call.variable("topic");
    JsonBody body = JsonBody.ofOptional(call);
    List<Integer> partitions = body.ints("partitions");
    boolean dry = body.flag("dry_run");
    return topics.with(
        name,
        Topics.NOT_FOUND,
        call.deadline(),
        topic -> {
          List<Integer> wanted = partitions.isEmpty() ? IntStream.range(0, topic.partitions()).boxed().toList() : partitions;
          return Steps.map(
              Steps.all(wanted.stream().map(partition -> look(topic, partition, dry, call)).toList()),
              results -> JsonReply.ok(json(name, dry, results)));
        });
  }

  private static JsonObject json(String topic, boolean dry, List<JsonObject> results) {
    return new JsonObject()
        .put("success", results.stream().noneMatch(result -> result.containsKey("error")))
        .put("topic", topic)
        .put("dry_run", dry)
        .put("results", new JsonArray(new ArrayList<>(results)));
  }

  /** How many there are, and of how many keys. */
  private static final class Counts {
    private long all;
    private long keyless;
    private final Set<String> keys = new HashSet<>();

    private long kept() {
      return keyless + keys.size();
    }
  }

  private CompletableFuture<JsonObject> look(Topic topic, int partition, boolean dry, HttpCall call) {
    JsonObject result = new JsonObject().put("partition", partition);
    Counts counts = new Counts();
    if (!topic.has(partition)) {
      return CompletableFuture.completedFuture(
          numbers(result, counts, 0).put("error", "invalid partition " + partition + " (topic has " + topic.partitions() + " partitions)"));
    }
    return Steps.map(
        Scan.of(
            topics,
            topic,
            partition,
            call.deadline(),
            message -> {
              counts.all++;
              if (message.key() == null) {
                counts.keyless++;
              } else {
                counts.keys.add(message.key());
              }
            }),
        scanned ->
            dry || counts.all == counts.kept()
                ? numbers(result, counts, counts.all - counts.kept())
                : numbers(result, counts, 0).put("error", topics.transport().backend() + " keeps every message"));
  }

  private static JsonObject numbers(JsonObject result, Counts counts, long removed) {
    return result
        .put("records_before", counts.all)
        .put("records_after", counts.all - removed)
        .put("records_removed", removed)
        .put("dirty_ratio", counts.all == 0 ? 0.0 : (double) (counts.all - counts.kept()) / counts.all);
  }
}
