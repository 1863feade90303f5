package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.engine.access.Trail.Deed;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.store.Nodes;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.testkit.server.flymq.internal.store.Topic;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Topics, and who leads their partitions. */
public final class TopicCalls {
  private final Topics topics;
  private final Nodes nodes;
  private final Audited audited;

  public TopicCalls(Topics topics, Nodes nodes, Audited audited) {
    this.topics = topics;
    this.nodes = nodes;
    this.audited = audited;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.CREATE_TOPIC, Requests.CreateTopic.class, Requests.CreateTopic::topic, this::create)
        .on(Opcode.DELETE_TOPIC, Requests.Name.class, Requests.Name::name, this::delete)
        .on(Opcode.LIST_TOPICS, Message.class, this::list)
        .on(Opcode.CLUSTER_METADATA, Requests.Name.class, request -> request.name().isEmpty() ? null : request.name(), this::metadata);
  }

  private CompletableFuture<Answers.Done> create(Requests.CreateTopic request, Call call) {
    if (request.partitions() < 0 || request.partitions() > Topics.MOST_PARTITIONS) {
      throw new Refusal("invalid partition count: " + request.partitions());
    }
    return Steps.map(
        topics.create(request.topic(), Math.max(1, request.partitions()), call.deadline()),
        created -> {
          audited.did(Deed.of("topic.create", request.topic()), call);
          return new Answers.Done(true);
        });
  }

  private CompletableFuture<Answers.Done> delete(Requests.Name request, Call call) {
    return Steps.map(
        topics.delete(request.name(), call.deadline()),
        deleted -> {
          audited.did(Deed.of("topic.delete", request.name()), call);
          return new Answers.Done(true);
        });
  }

  private CompletableFuture<Answers.Names> list(Message nothing, Call call) {
    return Steps.map(
        topics.all(call.deadline()), all -> new Answers.Names(all.stream().filter(Topics::shown).map(Topic::name).toList()));
  }

  private CompletableFuture<Answers.Cluster> metadata(Requests.Name request, Call call) {
    CompletableFuture<List<Topic>> asked =
        request.name().isEmpty()
            ? topics.all(call.deadline())
            : topics.with(request.name(), call.deadline(), topic -> CompletableFuture.completedFuture(List.of(topic)));
    return Steps.map(asked, all -> new Answers.Cluster(nodes.clusterId(), all.stream().map(nodes::topic).toList()));
  }
}
