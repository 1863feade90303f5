package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.goqueue.internal.groups.Group;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The routes of groups whose members cooperate, over real sockets. */
@Timeout(60)
class CooperativeRoutesTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private ConsumerClient consumer;
  private GoQueueClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.goqueue().time(time).start();
    consumer = new ConsumerClient(server, time);
    client = consumer.client;
    client.create("orders", 2);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonObject join(String clientId) {
    return client.json.post(
        "/groups/g/join/cooperative",
        new JsonObject().put("client_id", clientId).put("topics", new JsonArray().add("orders")).put("protocol", "eager"));
  }

  private JsonObject heartbeat(String member) {
    return client.json.post("/groups/g/heartbeat/cooperative", new JsonObject().put("member_id", member).put("generation", 99));
  }

  private static JsonArray partitions(int... numbers) {
    JsonArray partitions = new JsonArray();
    for (int number : numbers) {
      partitions.add(new JsonObject().put("topic", "orders").put("partition", number));
    }
    return partitions;
  }

  private static JsonObject told(boolean required, int generation, String state) {
    return new JsonObject()
        .put("rebalance_required", required)
        .put("generation", generation)
        .put("protocol", "cooperative")
        .put("state", state);
  }

  @Test
  void movesAPartitionFromOneMemberToTheNext() {
    JsonObject joined = join("a");
    String a = joined.getString("member_id");
    assertThat(joined)
        .isEqualTo(
            new JsonObject()
                .put("member_id", a)
                .put("generation", 1)
                .put("leader_id", a)
                .put("rebalance_required", true)
                .put("protocol", "cooperative")
                .put("members", new JsonArray().add(a)));
    assertThat(client.error(404, "GET", "/groups/g/assignment?member_id=" + a, null)).isEqualTo("member not found");
    assertThat(heartbeat(a)).isEqualTo(told(false, 1, "complete").put("partitions_assigned", partitions(0, 1)));
    assertThat(client.json.get("/groups/g/assignment?member_id=" + a))
        .isEqualTo(new JsonObject().put("member_id", a).put("generation", 1).put("partitions", partitions(0, 1)));
    consumer.add("orders", "one");
    assertThat(consumer.values("g", a)).containsExactly("one");

    String b = join("b").getString("member_id");
    assertThat(heartbeat(a))
        .isEqualTo(
            told(true, 1, "pending_revoke")
                .put("partitions_to_revoke", partitions(1))
                .put("revocation_deadline", "2030-01-01T00:01:00Z"));
    assertThat(heartbeat(b)).isEqualTo(told(true, 2, "pending_revoke"));
    assertThat(client.json.get("/groups/g/poll?timeout=0&generation=1&member_id=" + a).getJsonObject("messages"))
        .as("goes on with what it knows")
        .isEmpty();
    consumer.commit("g", a, "orders", 1);
    JsonObject revoked = new JsonObject().put("member_id", a).put("generation", 1).put("revoked_partitions", partitions(1));
    assertThat(client.json.post("/groups/g/revoke", revoked))
        .isEqualTo(
            new JsonObject().put("status", "acknowledged").put("pending_count", 0).put("rebalance_state", "pending_assign"));
    assertThat(client.error(403, "POST", "/groups/g/offsets", ConsumerClient.offsets(a, "orders", "1", 1).encode()))
        .isEqualTo("partition not assigned to this member");
    assertThat(heartbeat(b)).isEqualTo(told(true, 2, "pending_assign").put("partitions_assigned", partitions(1)));
    assertThat(heartbeat(a)).isEqualTo(told(false, 2, "complete").put("partitions_assigned", partitions(0)));
    JsonObject stats =
        new JsonObject()
            .put("total_rebalances", 2)
            .put("successful_rebalances", 2)
            .put("failed_rebalances", 0)
            .put("total_partitions_revoked", 1)
            .put("total_partitions_assigned", 3)
            .put("total_revocation_timeouts", 0)
            .put("last_rebalance_duration_ms", 0)
            .put("average_rebalance_duration_ms", 0)
            .put("last_rebalance_at", "2030-01-01T00:00:00Z")
            .put("rebalances_by_reason", new JsonObject().put("member_joined", 2));
    assertThat(client.json.get("/rebalance/stats")).isEqualTo(stats);
    assertThat(client.json.get("/groups/g/rebalance/stats")).isEqualTo(stats);
    assertThat(client.json.get("/groups/g/cooperative"))
        .isEqualTo(
            new JsonObject()
                .put("id", "g")
                .put("state", "Stable")
                .put("generation", 2)
                .put("protocol", "cooperative")
                .put("assignment_strategy", "sticky")
                .put("rebalance_state", "complete")
                .put("topics", new JsonArray().add("orders"))
                .put("members", new JsonArray().add(member(a, "a", 0)).add(member(b, "b", 1)))
                .put("member_assignments", new JsonObject().put(a, partitions(0)).put(b, partitions(1)))
                .put("rebalance_metrics", stats));
  }

  private static JsonObject member(String id, String clientId, int partition) {
    return new JsonObject()
        .put("id", id)
        .put("client_id", clientId)
        .put("assigned_partitions", partitions(partition))
        .put("last_heartbeat", "2030-01-01T00:00:00Z")
        .put("joined_at", "2030-01-01T00:00:00Z");
  }

  @Test
  void handsOnWhatSomebodyLeavesOrLosesInTime() {
    String a = join("a").getString("member_id");
    heartbeat(a);
    String b = join("b").getString("member_id");
    client.json.post(
        "/groups/g/revoke", new JsonObject().put("member_id", a).put("generation", 2).put("revoked_partitions", partitions(1)));
    heartbeat(a);
    heartbeat(b);
    JsonObject leaving = new JsonObject().put("member_id", b);
    assertThat(client.json.post("/groups/g/leave/cooperative", leaving)).isEqualTo(new JsonObject().put("status", "left"));
    assertThat(heartbeat(a)).isEqualTo(told(false, 3, "complete").put("partitions_assigned", partitions(0, 1)));
    String c = join("c").getString("member_id");
    time.advance(Group.SESSION);
    assertThat(client.json.get("/groups/g").getString("state")).isEqualTo("Empty");
    assertThat(client.error(404, "POST", "/groups/g/heartbeat/cooperative", new JsonObject().put("member_id", c).encode()))
        .isEqualTo("member not found");
  }

  @Test
  void wakesWhoWaitsForAPartition() throws Exception {
    String a = join("a").getString("member_id");
    heartbeat(a);
    consumer.add("orders", "one");
    String b = join("b").getString("member_id");
    client.json.post("/groups/g/leave/cooperative", new JsonObject().put("member_id", a));
    var polling = consumer.pollLater("g", b, "&timeout=20s");
    heartbeat(b);
    time.advance(Duration.ofMillis(100));
    assertThat(polling.get().body()).contains("one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|POST|/groups/g/join/cooperative|{}|client_id is required",
        "400|POST|/groups/g/join/cooperative|{'client_id':'c'}|at least one topic is required",
        "404|POST|/groups/g/join/cooperative|{'client_id':'c','topics':['none']}|topic not found: none",
        "500|POST|/groups/g/join|{'client_id':'c','topics':['orders']}|failed to join group: the members of group g cooperate",
        "404|POST|/groups/none/heartbeat/cooperative|{'member_id':'m'}|group not found",
        "404|POST|/groups/eager/heartbeat/cooperative|{'member_id':'m'}|group not found",
        "404|POST|/groups/g/heartbeat/cooperative|{'member_id':'m'}|member not found",
        "404|POST|/groups/none/revoke|{'member_id':'m'}|group not found",
        "404|POST|/groups/g/revoke|{'member_id':'m'}|member not found",
        "404|POST|/groups/none/leave/cooperative|{'member_id':'m'}|group not found",
        "404|POST|/groups/g/leave/cooperative|{'member_id':'m'}|member not found",
        "400|GET|/groups/g/assignment||member_id query param is required",
        "404|GET|/groups/none/assignment?member_id=m||group not found",
        "404|GET|/groups/eager/assignment?member_id=m||group not found",
        "404|GET|/groups/g/assignment?member_id=m||member not found",
        "404|GET|/groups/none/cooperative||group not found",
        "404|GET|/groups/none/rebalance/stats||group not found",
      })
  void refuses(int status, String method, String path, String body, String text) {
    join("a");
    consumer.join("eager", "a", "orders");
    assertThat(client.error(status, method, path, body == null ? null : body.replace('\'', '"'))).isEqualTo(text);
  }

  @Test
  void refusesToTakePartitionsAtTheWrongTime() {
    String a = join("a").getString("member_id");
    JsonObject stale = new JsonObject().put("member_id", a).put("generation", 7).put("revoked_partitions", partitions(1));
    assertThat(client.error(409, "POST", "/groups/g/revoke", stale.encode())).isEqualTo("stale generation");
    heartbeat(a);
    assertThat(client.error(409, "POST", "/groups/g/revoke", stale.put("generation", 1).encode())).isEqualTo("no active rebalance");
  }

  @Test
  void tellsOfOtherGroupsAsAnybodyDoes() {
    consumer.join("eager", "a", "orders");
    assertThat(client.json.get("/groups/eager/cooperative")).isEqualTo(client.json.get("/groups/eager"));
  }
}
