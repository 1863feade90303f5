package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.TopicDetails;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The routes of topics. */
public final class TopicRoutes {
  private static final int DEFAULT_PARTITIONS = 3;
  /** Every partition takes memory, and time whenever its topic is looked at. Public servers have no bound. */
  private static final int MOST_PARTITIONS = 10_000;
  private static final int DEFAULT_RETENTION_HOURS = 168;

  private final Topics topics;
  private final TopicDetails details;

  public TopicRoutes(Topics topics, TopicDetails details) {
    this.topics = topics;
    this.details = details;
  }

  public void on(HttpRoutes routes) {
    routes
        .onRoot("POST", "/topics", this::create)
        .onRoot("GET", "/topics", this::list)
        .on("GET", "/topics/{topic}", this::get)
        .on("DELETE", "/topics/{topic}", this::delete)
        .on("GET", "/topics/{topic}/partitions", this::partitions);
  }

  private CompletableFuture<HttpReply> create(HttpCall call) {
    Messages.NewTopic topic = JsonRequest.of(call, Messages.NewTopic.class);
    String name = topic.name();
    int partitions = topic.numPartitions();
    int hours = topic.retentionHours() == null ? 0 : JsonRequest.int32("retention_hours", topic.retentionHours());
    if (name.isEmpty()) {
      throw Refusal.badRequest("name is required");
    } else if (partitions > MOST_PARTITIONS) {
      throw Refusal.badRequest("num_partitions must be at most " + MOST_PARTITIONS);
    }
    StreamConfig config =
        StreamConfig.builder()
            .partitions(partitions <= 0 ? DEFAULT_PARTITIONS : partitions)
            .retention(Retention.maxAge(Duration.ofHours(hours <= 0 ? DEFAULT_RETENTION_HOURS : hours)))
            .build();
    return Steps.map(
        Steps.otherwise(
            topics.create(name, config, call.deadline()),
            error ->
                CompletableFuture.failedFuture(
                    error instanceof AlreadyExistsException ? Refusal.conflict("topic already exists") : error)),
        made ->
            JsonReply.of(201, new JsonObject().put("name", made.name()).put("partitions", made.partitions()).put("created", true)));
  }

  private CompletableFuture<HttpReply> list(HttpCall call) {
    return Steps.map(
        topics.all(call.deadline()),
        all -> JsonReply.message(new Messages.TopicNames(all.stream().map(Topic::name).toList())));
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    return Steps.map(
        Steps.then(
            topics.look(call.variable("topic"), Topics.NOT_FOUND, call.deadline()), topic -> details.of(topic, call.deadline())),
        found -> {
          Map<Integer, Messages.Ends> ends = new LinkedHashMap<>();
          for (int i = 0; i < found.spans().size(); i++) {
            TopicDetails.Span span = found.spans().get(i);
            ends.put(i, new Messages.Ends(span.earliest(), span.latest()));
          }
          return JsonReply.message(
              new Messages.Topic(found.topic().name(), found.topic().partitions(), found.messages(), found.bytes(), ends));
        });
  }

  /** One node has everything, and never gave anything to another. */
  private CompletableFuture<HttpReply> partitions(HttpCall call) {
    String name = call.variable("topic");
    return Steps.map(
        topics.look(name, "topic not found or no partition info available", call.deadline()),
        topic -> {
          JsonArray nodes = new JsonArray().add(TopicDetails.NODE);
          JsonArray partitions = new JsonArray();
          for (int i = 0; i < topic.partitions(); i++) {
            partitions.add(
                new JsonObject()
                    .put("partition", i)
                    .put("leader", TopicDetails.NODE)
                    .put("replicas", nodes)
                    .put("isr", nodes)
                    .put("version", 0));
          }
          return JsonReply.ok(new JsonObject().put("topic", name).put("partitions", partitions));
        });
  }

  private CompletableFuture<HttpReply> delete(HttpCall call) {
    String name = call.variable("topic");
    return topics.with(
        name,
        Topics.NOT_FOUND,
        call.deadline(),
        topic ->
            Steps.map(
                topics.delete(topic, call.deadline()),
                deleted -> JsonReply.ok(new JsonObject().put("deleted", true).put("name", name))));
  }
}
