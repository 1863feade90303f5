package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.store.Groups;
import dev.tributary.testkit.server.flymq.internal.store.Refusal;
import dev.tributary.testkit.server.flymq.internal.store.Topic;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Where readers are: where they begin, what they committed, and how far behind they are. */
public final class GroupCalls {
  private final Topics topics;
  private final Groups groups;
  private final boolean asShipped;

  /** {@code asShipped} commits are taken for topics and partitions that are not there, and forgotten. */
  public GroupCalls(Topics topics, Groups groups, boolean asShipped) {
    this.topics = topics;
    this.groups = groups;
    this.asShipped = asShipped;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.SUBSCRIBE, Requests.Subscribe.class, Requests.Subscribe::topic, this::subscribe)
        .on(Opcode.COMMIT, Requests.Commit.class, Requests.Commit::topic, this::commit)
        .on(Opcode.GET_OFFSET, Requests.GroupPartition.class, Requests.GroupPartition::topic, this::offset)
        .on(Opcode.RESET_OFFSET, Requests.ResetOffset.class, Requests.ResetOffset::topic, this::reset)
        .on(Opcode.GET_LAG, Requests.GroupPartition.class, Requests.GroupPartition::topic, this::lag)
        .on(Opcode.LIST_GROUPS, Message.class, this::list)
        .on(Opcode.DESCRIBE_GROUP, Requests.Group.class, Requests.Group::topic, this::describe)
        .on(Opcode.DELETE_GROUP, Requests.Group.class, Requests.Group::topic, this::delete);
  }

  private CompletableFuture<Answers.Offset> subscribe(Requests.Subscribe request, Call call) {
    return topics.with(
        request.topic(),
        call.deadline(),
        topic -> {
          topic.require(request.partition());
          CompletableFuture<Long> start = start(topic, request, call.deadline());
          return Steps.map(
              start,
              offset -> {
                if (!request.group().isEmpty()) {
                  groups.join(topic, request.group(), call.client());
                }
                return new Answers.Offset(offset);
              });
        });
  }

  private CompletableFuture<Long> start(Topic topic, Requests.Subscribe request, Deadline deadline) {
    int partition = request.partition();
    return switch (request.mode()) {
      case "earliest" -> groups.earliest(topic, partition, deadline);
      case "latest", "" -> groups.latest(topic, partition, deadline);
      case "commit" ->
          Steps.then(
              groups.committed(topic, request.group(), partition, deadline),
              committed ->
                  committed.isPresent()
                      ? CompletableFuture.completedFuture(committed.getAsLong())
                      : groups.earliest(topic, partition, deadline));
      default -> throw new Refusal("unknown subscribe mode: " + request.mode());
    };
  }

  private CompletableFuture<Answers.Done> commit(Requests.Commit request, Call call) {
    CompletableFuture<Answers.Done> committed =
        topics.with(
            request.topic(),
            call.deadline(),
            topic ->
                Steps.map(
                    groups.commit(topic, request.group(), request.partition(), request.offset(), call.deadline()), Answers.Done::new));
    return asShipped
        ? Steps.otherwise(committed, nowhere -> CompletableFuture.completedFuture(new Answers.Done(true)))
        : committed;
  }

  private CompletableFuture<Answers.Offset> offset(Requests.GroupPartition request, Call call) {
    return ofGroup(
        request.topic(),
        request.group(),
        call,
        topic ->
            Steps.map(
                groups.committedOrFirst(topic, request.group(), request.partition(), call.deadline()), Answers.Offset::new));
  }

  private CompletableFuture<Answers.Done> reset(Requests.ResetOffset request, Call call) {
    return topics.with(
        request.topic(),
        call.deadline(),
        topic ->
            Steps.then(
                place(topic, request, call.deadline()),
                offset ->
                    Steps.map(
                        groups.commit(topic, request.group(), request.partition(), offset, call.deadline()), Answers.Done::new)));
  }

  private CompletableFuture<Long> place(Topic topic, Requests.ResetOffset request, Deadline deadline) {
    return switch (request.mode()) {
      case "earliest" -> groups.earliest(topic, request.partition(), deadline);
      case "latest" -> groups.latest(topic, request.partition(), deadline);
      case "offset" -> CompletableFuture.completedFuture(request.offset());
      default -> throw new Refusal("unknown reset mode: " + request.mode());
    };
  }

  private CompletableFuture<Answers.Lag> lag(Requests.GroupPartition request, Call call) {
    return topics.with(
        request.topic(),
        call.deadline(),
        topic ->
            Steps.then(
                groups.committedOrFirst(topic, request.group(), request.partition(), call.deadline()),
                committed ->
                    Steps.map(
                        groups.latest(topic, request.partition(), call.deadline()),
                        latest -> new Answers.Lag(committed, committed, latest, Math.max(0, latest - committed)))));
  }

  private CompletableFuture<Answers.Groups> list(Message nothing, Call call) {
    return Steps.map(groups.all(call.deadline()), Answers.Groups::new);
  }

  private CompletableFuture<Answers.Group> describe(Requests.Group request, Call call) {
    return ofGroup(request.topic(), request.group(), call, topic -> groups.describe(topic, request.group(), call.deadline()));
  }

  private CompletableFuture<Answers.Done> delete(Requests.Group request, Call call) {
    return ofGroup(
        request.topic(),
        request.group(),
        call,
        topic -> Steps.map(groups.delete(topic, request.group(), call.deadline()), Answers.Done::new));
  }

  /** Where there is no topic there is no group of it, which is all that these operations say. */
  private <T> CompletableFuture<T> ofGroup(String topic, String group, Call call, Function<Topic, CompletableFuture<T>> operation) {
    return Steps.otherwise(
        topics.with(topic, call.deadline(), operation),
        error -> CompletableFuture.failedFuture(error instanceof Refusal.NoTopic ? Groups.noGroup(topic, group) : error));
  }
}
