package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import dev.tributary.testkit.server.goqueue.internal.delivery.Deliveries;
import dev.tributary.testkit.server.goqueue.internal.delivery.Poll;
import dev.tributary.testkit.server.goqueue.internal.groups.Coordinator;
import dev.tributary.testkit.server.goqueue.internal.groups.Group;
import dev.tributary.testkit.server.goqueue.internal.groups.Member;
import dev.tributary.testkit.server.goqueue.internal.groups.Offsets;
import dev.tributary.testkit.server.goqueue.internal.store.GroupPartition;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.goqueue.internal.store.Topic;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpFront;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoDuration;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.goqueue.wire.Priorities;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The routes of groups: who is in them, what they read, and how far they are. */
public final class GroupRoutes {
  /** The longest that a poll may wait. */
  public static final Duration LONGEST_POLL = Duration.ofSeconds(60);

  /** What is said of somebody who is not in the group. */
  static final String NO_MEMBER = "member not found";

  private static final Duration USUAL_POLL = Duration.ofSeconds(30);
  private static final int USUAL_LIMIT = 100;
  private static final int MOST_LIMIT = 1_000;
  private static final int MOST_TOPICS = 100;
  private static final int LONGEST_CLIENT_ID = 1_000;

  private final Topics topics;
  private final Consumption consumption;
  private final Coordinator coordinator;
  private final Traces traces;

  public GroupRoutes(Topics topics, Consumption consumption, Traces traces) {
    this.topics = topics;
    this.consumption = consumption;
    this.coordinator = consumption.coordinator();
    this.traces = traces;
  }

  public void on(HttpRoutes routes) {
    routes
        .onRoot("GET", "/groups", this::list)
        .on("GET", "/groups/{group}", this::get)
        .on("DELETE", "/groups/{group}", this::delete)
        .on("POST", "/groups/{group}/join", call -> join(call, false, GroupRoutes::joined))
        .on("POST", "/groups/{group}/heartbeat", this::heartbeat)
        .on("POST", "/groups/{group}/leave", this::leave)
        .on("GET", "/groups/{group}/poll", this::poll)
        .on("POST", "/groups/{group}/poll/end", this::endPoll)
        .on("POST", "/groups/{group}/offsets", this::commit)
        .on("GET", "/groups/{group}/offsets", this::offsets);
  }

  private CompletableFuture<HttpReply> list(HttpCall call) {
    return JsonReply.now(
        new JsonObject()
            .put(
                "groups",
                new JsonArray(
                    coordinator.each(
                        group ->
                            new JsonObject()
                                .put("id", group.id())
                                .put("state", group.state())
                                .put("members", group.members().size())
                                .put("generation", group.generation())
                                .put("topics", new JsonArray(group.topics()))))));
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    return JsonReply.now(coordinator.in(call.variable("group"), GroupRoutes::json));
  }

  /** All of a group. */
  static JsonObject json(Group group) {
    JsonArray members = new JsonArray();
    for (Member member : group.members()) {
      members.add(
          new JsonObject()
              .put("id", member.id())
              .put("client_id", member.clientId())
              .put("assigned_partitions", member.partitions().isEmpty() ? null : array(member.partitions()))
              .put("last_heartbeat", GoTime.seconds(member.lastHeartbeat()))
              .put("joined_at", GoTime.seconds(member.joinedAt())));
    }
    return new JsonObject()
        .put("id", group.id())
        .put("state", group.state())
        .put("generation", group.generation())
        .put("topics", new JsonArray(group.topics()))
        .put("members", members)
        .put("created_at", GoTime.seconds(group.createdAt()));
  }

  static JsonArray array(Collection<Integer> partitions) {
    return new JsonArray(new ArrayList<>(partitions));
  }

  private CompletableFuture<HttpReply> delete(HttpCall call) {
    String id = call.variable("group");
    Set<String> read = coordinator.in(id, group -> new TreeSet<>(group.topics()));
    consumption.offsets().checkDeletion();
    Offsets.Commits commits = consumption.offsets().commits(id);
    if (commits != null) {
      read.addAll(commits.topics());
    }
    coordinator.delete(id);
    return Steps.map(
        consumption.offsets().delete(id, read, call.deadline()),
        deleted -> JsonReply.ok(new JsonObject().put("deleted", true).put("group", id)));
  }

  /** Somebody joins, and is told something. */
  CompletableFuture<HttpReply> join(HttpCall call, boolean cooperative, BiFunction<Group, Member, JsonObject> told) {
    String id = call.variable("group");
    Messages.Join join = JsonRequest.of(call, Messages.Join.class);
    String clientId = join.clientId();
    List<String> wanted = join.topics();
    if (clientId.isEmpty()) {
      throw Refusal.badRequest("client_id is required");
    } else if (clientId.length() > LONGEST_CLIENT_ID) {
      throw Refusal.badRequest("client_id is longer than " + LONGEST_CLIENT_ID + " characters");
    } else if (wanted.isEmpty()) {
      throw Refusal.badRequest("at least one topic is required");
    } else if (wanted.size() > MOST_TOPICS) {
      throw Refusal.badRequest("more than " + MOST_TOPICS + " topics");
    }
    return Steps.then(
        there(wanted, call.deadline()),
        found ->
            Steps.map(
                read(id, found, call.deadline()),
                topic -> JsonReply.ok(coordinator.join(id, clientId, wanted, topic.partitions(), cooperative, told))));
  }

  private CompletableFuture<List<Topic>> there(List<String> names, Deadline deadline) {
    return Steps.together(names.stream().map(name -> topics.find(name, Offsets.missing(name), deadline)).toList());
  }

  /** The topic that the group reads: of one that is there, its own, whatever who joins names. Public servers look at what that is. */
  private CompletableFuture<Topic> read(String id, List<Topic> named, Deadline deadline) {
    Topic first = named.get(0);
    List<String> own = coordinator.known(id).topics();
    return consumption.shipped() || own.isEmpty()
        ? CompletableFuture.completedFuture(first)
        : topics.find(own.get(0), Offsets.missing(own.get(0)), deadline);
  }

  private static JsonObject joined(Group group, Member member) {
    return new JsonObject()
        .put("member_id", member.id())
        .put("generation", group.generation())
        .put("leader_id", group.leader() == null ? "" : group.leader().id())
        .put("partitions", array(member.partitions()))
        .put("members", members(group));
  }

  static JsonArray members(Group group) {
    return new JsonArray(group.members().stream().map(Member::id).toList());
  }

  private CompletableFuture<HttpReply> heartbeat(HttpCall call) {
    Messages.Heartbeat heartbeat = JsonRequest.of(call, Messages.Heartbeat.class);
    String id = required(heartbeat.memberId());
    coordinator.in(
        call.variable("group"),
        group -> {
          Member member = group.member(id, NO_MEMBER + " (may have been evicted)");
          group.checkGeneration(member, heartbeat.generation());
          member.hear(consumption.time().now(), consumption.time().nanos());
          return member;
        });
    return JsonReply.now(new JsonObject().put("status", "ok"));
  }

  static String required(String memberId) {
    if (memberId.isEmpty()) {
      throw Refusal.badRequest("member_id is required");
    }
    return memberId;
  }

  private CompletableFuture<HttpReply> leave(HttpCall call) {
    String id = required(JsonRequest.of(call, Messages.Leave.class).memberId());
    coordinator.in(
        call.variable("group"),
        group -> {
          group.leave(group.member(id, NO_MEMBER), consumption.time().nanos());
          return group;
        });
    return JsonReply.now(new JsonObject().put("status", "left"));
  }

  private CompletableFuture<HttpReply> poll(HttpCall call) {
    String id = call.variable("group");
    String member = call.query("member_id");
    if (member == null) {
      throw Refusal.badRequest("member_id query param is required");
    }
    int generation = generation(call.query("generation"));
    Duration wait = wait(call.query("timeout"));
    int each = Math.min(MOST_LIMIT, count("limit", call.query("limit"), USUAL_LIMIT));
    int all = consumption.shipped() ? Integer.MAX_VALUE : count("max_messages", call.query("max_messages"), Integer.MAX_VALUE);
    Duration visibility = consumption.shipped() ? Deliveries.VISIBILITY : visibility(call.query("visibility"));
    List<GroupPartition> first =
        coordinator.in(
            id,
            group -> {
              if (generation != 0) {
                group.checkGeneration(group.member(member, NO_MEMBER), generation);
              }
              return assigned(group, member);
            });
    String topic = coordinator.in(id, Group::topic);
    Deliveries.Ask ask = new Deliveries.Ask(member, each, all, visibility);
    Supplier<List<GroupPartition>> from = consumption.shipped() ? () -> first : () -> coordinator.in(id, group -> assigned(group, member));
    Poll poll = new Poll(consumption.deliveries(), consumption.time(), ask, wait, from, call.deadline());
    CompletableFuture<List<Deliveries.Delivery>> polled =
        consumption.polls().begin(poll, topic, consumption.shipped() ? null : call.query("poll"));
    // Public servers do not notice that a client has gone, and go on for it.
    CompletableFuture<List<Deliveries.Delivery>> heard = consumption.shipped() ? polled.copy() : polled;
    Traces.Reader reader = new Traces.Reader(id, member);
    return Steps.map(
        heard,
        messages -> {
          messages.forEach(message -> traces.record(Traces.Step.FETCHED, place(topic, message.message()), reader));
          return JsonReply.ok(polled(messages, !consumption.shipped())).orElse(() -> consumption.deliveries().giveBack(messages));
        });
  }

  /** As declared, whoever does not want to wait for a poll any more says so: what it has taken by then comes with its answer. */
  private CompletableFuture<HttpReply> endPoll(HttpCall call) {
    boolean ended = consumption.polls().end(JsonRequest.of(call, Messages.EndPoll.class).poll());
    return CompletableFuture.completedFuture(JsonReply.message(new Messages.PollEnded(ended)));
  }

  private static Traces.Place place(String topic, Message<byte[]> message) {
    return new Traces.Place(topic, message.partition(), message.offset());
  }

  private static List<GroupPartition> assigned(Group group, String member) {
    return group.member(member, NO_MEMBER).partitions().stream()
        .map(partition -> new GroupPartition(group.id(), group.topic(), partition))
        .toList();
  }

  private static int generation(@Nullable String text) {
    try {
      return text == null ? 0 : Integer.parseInt(text);
    } catch (NumberFormatException other) {
      throw Refusal.badRequest("invalid generation");
    }
  }

  private Duration wait(@Nullable String text) {
    Duration wait;
    try {
      wait = text == null ? USUAL_POLL : GoDuration.parse(text);
    } catch (DateTimeParseException other) {
      throw Refusal.badRequest("invalid timeout format (use Go duration like 30s)");
    }
    Duration capped = wait.compareTo(LONGEST_POLL) < 0 ? wait : LONGEST_POLL;
    // Public servers sleep between their looks, so that the answer is a little late: too late where there is no time left.
    boolean late = consumption.shipped() && capped.compareTo(HttpFront.TIMEOUT) >= 0;
    return late ? capped.plus(Poll.PAUSE) : capped;
  }

  /** As declared, a member can say at once how long it wants to have what it gets. */
  private static Duration visibility(@Nullable String text) {
    try {
      Duration visibility = text == null ? Deliveries.VISIBILITY : GoDuration.parse(text);
      if (!visibility.isNegative() && !visibility.isZero()) {
        return visibility;
      }
    } catch (DateTimeParseException other) {
      // Said below.
    }
    throw Refusal.badRequest("invalid visibility format (use Go duration like 30s)");
  }

  private static int count(String name, @Nullable String text, int missing) {
    try {
      int count = text == null ? missing : Integer.parseInt(text);
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException other) {
      // Said below.
    }
    throw Refusal.badRequest("invalid " + name);
  }

  private static JsonObject polled(List<Deliveries.Delivery> messages, boolean declared) {
    Map<String, Object> byPartition = new LinkedHashMap<>();
    Map<String, Object> next = new LinkedHashMap<>();
    for (Deliveries.Delivery delivery : messages) {
      Message<byte[]> message = delivery.message();
      String partition = Integer.toString(message.partition());
      ((JsonArray) byPartition.computeIfAbsent(partition, first -> new JsonArray())).add(json(delivery, declared));
      next.merge(partition, message.offset() + 1, (one, other) -> Math.max((Long) one, (Long) other));
    }
    return new JsonObject().put("messages", new JsonObject(byPartition)).put("next_offset", new JsonObject(next));
  }

  /** As declared it says the priority too, unless that is normal. */
  private static JsonObject json(Deliveries.Delivery delivery, boolean declared) {
    Message<byte[]> message = delivery.message();
    Instant timestamp = message.timestamp();
    JsonObject json =
        new JsonObject().put("offset", message.offset()).put("timestamp", GoTime.nanos(timestamp == null ? GoTime.ZERO : timestamp));
    EventKey key = message.key();
    // One that is no text came by another protocol, and would be another key here.
    if (key != null && key.size() > 0 && key.isText()) {
      json.put("key", key.text());
    }
    if (declared && message.priority() != 0) {
      json.put("priority", Priorities.name(message.priority()));
    }
    return json.put("value", new String(message.value(), StandardCharsets.UTF_8)).put("receipt_handle", delivery.receipt());
  }

  private CompletableFuture<HttpReply> commit(HttpCall call) {
    String id = call.variable("group");
    Messages.Commit commit = JsonRequest.of(call, Messages.Commit.class);
    String member = required(commit.memberId());
    Map<String, Map<String, Long>> byTopic = commit.offsets();
    if (byTopic.isEmpty()) {
      throw Refusal.badRequest("offsets are required");
    }
    Map<GroupPartition, Long> commits = new LinkedHashMap<>();
    byTopic.forEach(
        (topic, partitions) ->
            partitions.forEach((partition, next) -> commits.put(new GroupPartition(id, topic, partition(partition)), next)));
    coordinator.in(
        id,
        group -> {
          if (commits.keySet().stream().anyMatch(place -> !group.reads(member, place.partition()))) {
            throw new Refusal(403, "partition not assigned to this member");
          }
          return group;
        });
    List<CompletableFuture<Void>> all = new ArrayList<>();
    commits.forEach(
        (place, next) -> {
          if (next >= 0) {
            all.add(consumption.offsets().commit(place, next, call.deadline()));
          }
        });
    return Steps.map(
        Steps.together(all),
        done -> {
          JsonObject echo = new JsonObject();
          byTopic.forEach((topic, partitions) -> echo.put(topic, new JsonObject(new LinkedHashMap<>(partitions))));
          return JsonReply.ok(new JsonObject().put("status", "committed").put("group", id).put("offsets", echo));
        });
  }

  private static int partition(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException other) {
      throw Refusal.badRequest("invalid partition ID: " + text);
    }
  }

  private CompletableFuture<HttpReply> offsets(HttpCall call) {
    String id = call.variable("group");
    Coordinator.Known known = coordinator.known(id);
    Set<String> read = new TreeSet<>(known.topics());
    Offsets.Commits commits = consumption.offsets().commits(id);
    if (commits != null) {
      read.addAll(commits.topics());
    }
    return Steps.map(
        consumption.offsets().all(id, read, call.deadline()),
        found -> {
          JsonObject byTopic = new JsonObject();
          found.forEach(
              (topic, partitions) -> {
                JsonObject json = new JsonObject();
                partitions.forEach((partition, next) -> json.put(Integer.toString(partition), next));
                byTopic.put(topic, json);
              });
          JsonObject answer = new JsonObject().put("group_id", id).put("topics", byTopic);
          if (!found.isEmpty()) {
            answer
                .put("generation", known.generation())
                .put("updated_at", GoTime.seconds(commits == null ? GoTime.ZERO : commits.at()));
          }
          return JsonReply.ok(answer);
        });
  }
}
