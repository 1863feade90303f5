package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.goqueue.internal.groups.CooperativeRebalance;
import dev.tributary.testkit.server.goqueue.internal.groups.Coordinator;
import dev.tributary.testkit.server.goqueue.internal.groups.Group;
import dev.tributary.testkit.server.goqueue.internal.groups.Member;
import dev.tributary.testkit.server.goqueue.internal.groups.RebalanceStats;
import dev.tributary.testkit.server.goqueue.internal.store.Refusal;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The routes of groups whose members cooperate, so that what stays with a member goes on being read. */
public final class CooperativeRoutes {
  private static final String PROTOCOL = "cooperative";
  private static final String NO_GROUP = "group not found";

  private final GroupRoutes groups;
  private final Consumption consumption;
  private final Coordinator coordinator;

  public CooperativeRoutes(GroupRoutes groups, Consumption consumption) {
    this.groups = groups;
    this.consumption = consumption;
    this.coordinator = consumption.coordinator();
  }

  public void on(HttpRoutes routes) {
    routes
        .on("POST", "/groups/{group}/join/cooperative", call -> groups.join(call, true, CooperativeRoutes::joined))
        .on("POST", "/groups/{group}/heartbeat/cooperative", this::heartbeat)
        .on("POST", "/groups/{group}/revoke", this::revoke)
        .on("POST", "/groups/{group}/leave/cooperative", this::leave)
        .on("GET", "/groups/{group}/assignment", this::assignment)
        .on("GET", "/groups/{group}/cooperative", this::get)
        .on("GET", "/groups/{group}/rebalance/stats", this::groupStats)
        .on("GET", "/rebalance/stats", call -> JsonReply.now(stats()));
  }

  private static JsonObject joined(Group group, Member member) {
    JsonObject told = new JsonObject().put("member_id", member.id()).put("generation", group.generation());
    Member leader = group.leader();
    if (leader != null) {
      told.put("leader_id", leader.id());
    }
    return told.put("rebalance_required", true).put("protocol", PROTOCOL).put("members", GroupRoutes.members(group));
  }

  /** Does something with a group whose members cooperate; there is no other here. */
  private JsonObject in(HttpCall call, BiFunction<Group, CooperativeRebalance, JsonObject> use) {
    return coordinator.in(
        call.variable("group"),
        group -> {
          CooperativeRebalance rebalance = group.rebalance();
          if (rebalance == null) {
            throw Refusal.notFound(NO_GROUP);
          }
          return use.apply(group, rebalance);
        });
  }

  private CompletableFuture<HttpReply> heartbeat(HttpCall call) {
    String id = GroupRoutes.required(JsonRequest.of(call, Messages.Heartbeat.class).memberId());
    return JsonReply.now(
        in(
            call,
            (group, rebalance) -> {
              Member member = group.member(id, GroupRoutes.NO_MEMBER);
              member.hear(consumption.time().now(), consumption.time().nanos());
              return told(group, rebalance.report(member));
            }));
  }

  private static JsonObject told(Group group, CooperativeRebalance.Report report) {
    JsonObject told = new JsonObject().put("rebalance_required", report.active());
    if (!report.revoke().isEmpty()) {
      told.put("partitions_to_revoke", array(group, report.revoke()));
    }
    if (report.assigned() != null && !report.assigned().isEmpty()) {
      told.put("partitions_assigned", array(group, report.assigned()));
    }
    told.put("generation", report.generation()).put("protocol", PROTOCOL).put("state", report.phase().toString());
    if (report.deadline() != null) {
      told.put("revocation_deadline", GoTime.seconds(report.deadline()));
    }
    return told;
  }

  private static JsonArray array(Group group, Collection<Integer> partitions) {
    JsonArray array = new JsonArray();
    partitions.forEach(partition -> array.add(new JsonObject().put("topic", group.topic()).put("partition", partition)));
    return array;
  }

  private CompletableFuture<HttpReply> revoke(HttpCall call) {
    Messages.Revoked revoked = JsonRequest.of(call, Messages.Revoked.class);
    String id = GroupRoutes.required(revoked.memberId());
    return JsonReply.now(
        in(
            call,
            (group, rebalance) -> {
              Member member = group.member(id, GroupRoutes.NO_MEMBER);
              List<Integer> partitions =
                  revoked.revokedPartitions().stream()
                      .filter(each -> each != null && each.topic().equals(group.topic()))
                      .map(Messages.TopicPartition::partition)
                      .toList();
              int pending = rebalance.revoked(member, revoked.generation(), partitions);
              return new JsonObject()
                  .put("status", "acknowledged")
                  .put("pending_count", pending)
                  .put("rebalance_state", rebalance.phase().toString());
            }));
  }

  private CompletableFuture<HttpReply> leave(HttpCall call) {
    String id = GroupRoutes.required(JsonRequest.of(call, Messages.Leave.class).memberId());
    return JsonReply.now(
        in(
            call,
            (group, rebalance) -> {
              group.leave(group.member(id, GroupRoutes.NO_MEMBER), consumption.time().nanos());
              return new JsonObject().put("status", "left");
            }));
  }

  private CompletableFuture<HttpReply> assignment(HttpCall call) {
    String id = call.query("member_id");
    if (id == null) {
      throw Refusal.badRequest("member_id query param is required");
    }
    return JsonReply.now(
        in(
            call,
            (group, rebalance) -> {
              Member member = group.member(id, GroupRoutes.NO_MEMBER);
              if (!member.reported()) {
                throw Refusal.notFound(GroupRoutes.NO_MEMBER);
              }
              return new JsonObject()
                  .put("member_id", id)
                  .put("generation", group.generation())
                  .put("partitions", array(group, member.partitions()));
            }));
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    return JsonReply.now(
        coordinator.in(
            call.variable("group"),
            group -> {
              @Nullable CooperativeRebalance rebalance = group.rebalance();
              return rebalance == null ? GroupRoutes.json(group) : json(group, rebalance, coordinator.stats());
            }));
  }

  private static JsonObject json(Group group, CooperativeRebalance rebalance, RebalanceStats.Snapshot stats) {
    JsonArray members = new JsonArray();
    JsonObject assignments = new JsonObject();
    for (Member member : group.members()) {
      JsonArray partitions = array(group, member.partitions());
      assignments.put(member.id(), partitions);
      members.add(
          new JsonObject()
              .put("id", member.id())
              .put("client_id", member.clientId())
              .put("assigned_partitions", partitions)
              .put("last_heartbeat", GoTime.seconds(member.lastHeartbeat()))
              .put("joined_at", GoTime.seconds(member.joinedAt())));
    }
    return new JsonObject()
        .put("id", group.id())
        .put("state", group.state())
        .put("generation", group.generation())
        .put("protocol", PROTOCOL)
        .put("assignment_strategy", "sticky")
        .put("rebalance_state", rebalance.phase().toString())
        .put("topics", new JsonArray(group.topics()))
        .put("members", members)
        .put("member_assignments", assignments)
        .put("rebalance_metrics", json(stats));
  }

  private CompletableFuture<HttpReply> groupStats(HttpCall call) {
    coordinator.in(call.variable("group"), Group::id);
    return JsonReply.now(stats());
  }

  private JsonObject stats() {
    return json(coordinator.stats());
  }

  private static JsonObject json(RebalanceStats.Snapshot stats) {
    JsonObject json =
        new JsonObject()
            .put("total_rebalances", stats.total())
            .put("successful_rebalances", stats.successful())
            .put("failed_rebalances", stats.failed())
            .put("total_partitions_revoked", stats.revoked())
            .put("total_partitions_assigned", stats.assigned())
            .put("total_revocation_timeouts", stats.timeouts())
            .put("last_rebalance_duration_ms", stats.lastMillis())
            .put("average_rebalance_duration_ms", stats.averageMillis());
    if (stats.lastAt() != null) {
      json.put("last_rebalance_at", GoTime.seconds(stats.lastAt()));
    }
    JsonObject byReason = new JsonObject();
    stats.byReason().forEach((reason, count) -> byReason.put(reason.toString(), count));
    return json.put("rebalances_by_reason", byReason);
  }
}
