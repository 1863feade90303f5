package dev.tributary.testkit.server.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.testkit.server.ServerFaults.Role;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapResp;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's own routes. */
@Timeout(60)
class HttpClusterTest {
  private static final String THIS = "127.0.0.1:8300";
  private static final String OTHER = "127.0.0.1:8301";

  private EmbeddedServer server;
  private JsonClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.of("disheap").token("dh_only_for_the_gateway").start();
    client = new JsonClient(server);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "DELETE"})
  void tellsItsHealthByAnyMethod(String method) {
    assertThat(client.expect(200, method, "/health", null)).isEqualTo(health(true, true, THIS));
  }

  @Test
  void tellsWhoLeads() {
    server.faults().play(Role.FOLLOWER);
    assertThat(client.get("/health")).isEqualTo(health(false, true, OTHER));
    server.faults().play(Role.LEADERLESS);
    assertThat(client.expect(503, "GET", "/health", null)).isEqualTo(health(false, false, ""));
    server.faults().clear();
    assertThat(client.get("/health").getBoolean("is_leader")).isTrue();
  }

  private static JsonObject health(boolean leads, boolean healthy, String leader) {
    return new JsonObject().put("status", "ok").put("is_leader", leads).put("healthy", healthy).put("leader", leader);
  }

  @Test
  void tellsTheStateOfItsCluster() {
    JsonObject status = client.get("/raft/status");
    assertThat(status.fieldNames())
        .containsExactlyInAnyOrder(
            "node_id",
            "state",
            "is_leader",
            "leader",
            "term",
            "last_log_index",
            "last_log_term",
            "commit_index",
            "applied_index",
            "cluster_size",
            "voters",
            "servers");
    assertThat(status.getString("state")).isEqualTo("Leader");
    assertThat(status.getString("leader")).as("a node id").isEqualTo(status.getString("node_id"));
    assertThat(status.getInteger("cluster_size")).isEqualTo(1);
    assertThat(status.getJsonArray("servers")).isEqualTo(new JsonArray().add(voter(status.getString("node_id"), THIS)));
  }

  @Test
  void followersTellTheLeadersAddressWhereLeadersTellAnId() {
    server.faults().play(Role.FOLLOWER);
    JsonObject following = client.get("/raft/status");
    assertThat(following.getString("state")).isEqualTo("Follower");
    assertThat(following.getBoolean("is_leader")).isFalse();
    assertThat(following.getString("leader")).isEqualTo(OTHER);
    assertThat(following.getInteger("voters")).isEqualTo(2);
    assertThat(following.getJsonArray("servers").stream().map(one -> ((JsonObject) one).getString("address"))).containsExactly(THIS, OTHER);

    server.faults().play(Role.LEADERLESS);
    JsonObject lost = client.get("/raft/status");
    assertThat(lost.getString("state")).isEqualTo("Candidate");
    assertThat(lost.getString("leader")).isEmpty();
  }

  @Test
  void makesHeapsOnlyAsALeader() {
    try (DisheapClient heaps = new DisheapClient(server)) {
      heaps.raw.token = "dh_only_for_the_gateway";
      for (Role role : List.of(Role.FOLLOWER, Role.LEADERLESS)) {
        server.faults().play(role);
        RawClient.Reply<MakeHeapResp> refused = heaps.raw.call(DisheapMethods.MAKE_HEAP, DisheapClient.heap("orders").build());
        assertThat(refused.status()).isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(refused.message()).contains("not leader");
      }
      server.faults().play(Role.LEADER);
      heaps.make("orders");
    }
  }

  @Test
  void listsWhoJoins() {
    long before = client.get("/raft/status").getLong("last_log_index");
    JsonObject joined = client.post("/join", join("node-2", "10.0.0.2:8300"));
    assertThat(joined.getString("status")).isEqualTo("success");
    assertThat(joined.getString("message")).contains("node-2");
    client.post("/join", join("node-2", "10.0.0.2:8300"));
    JsonObject status = client.get("/raft/status");
    assertThat(status.getJsonArray("servers").getJsonObject(1)).isEqualTo(voter("node-2", "10.0.0.2:8300"));
    assertThat(status.getInteger("cluster_size")).isEqualTo(2);
    assertThat(status.getInteger("voters")).isEqualTo(2);
    assertThat(status.getLong("last_log_index")).as("the second time changes nothing").isEqualTo(before + 1);
    client.post("/join", join("node-2", "10.0.0.3:8300"));
    assertThat(client.get("/raft/status").getJsonArray("servers").getJsonObject(1)).isEqualTo(voter("node-2", "10.0.0.3:8300"));
  }

  @Test
  void refusesWhoCannotJoin() {
    assertThat(client.expect(500, "POST", "/join", join("node-2", THIS)).getString("error")).contains(THIS);
    assertThat(client.expect(500, "POST", "/join", join("embedded", "10.0.0.2:8300")).getString("error")).contains("embedded");
    for (int i = 2; i <= 100; i++) {
      client.post("/join", join("node-" + i, "10.0.0." + i + ":8300"));
    }
    assertThat(client.expect(500, "POST", "/join", join("node-101", "10.0.0.101:8300")).getString("error")).contains("100");
    server.faults().play(Role.FOLLOWER);
    assertThat(client.expect(400, "POST", "/join", join("node-3", "10.0.0.3:8300")))
        .isEqualTo(new JsonObject().put("error", "not leader").put("leader", OTHER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "no JSON",
        "{}",
        "{\"node_id\":\"a\"}",
        "{\"address\":\"a\"}", "{\"node_id\":\"\",\"address\":\"a\"}", "{\"node_id\":1,\"address\":\"a\"}"
      })
  void refusesWhatIsNoJoin(String body) {
    HttpResponse<String> refused = client.send("POST", "/join", body);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(new JsonObject(refused.body()).fieldNames()).containsExactly("error");
  }

  @Test
  void joinsByPostAlone() {
    HttpResponse<String> refused = client.send("GET", "/join", null);
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
    assertThat(refused.headers().firstValue("allow")).hasValue("POST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/stats", "/", "/raft", "/health/", "/docs"})
  void hasNoOtherRoutes(String path) {
    HttpResponse<String> missing = client.send("GET", path, null);
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
  }

  @Test
  void refusesABodyThatIsTooLarge() {
    HttpResponse<String> refused = client.send("POST", "/join", "x".repeat((16 << 20) + 1));
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(new JsonObject(refused.body()).fieldNames()).containsExactly("error");
  }

  private static JsonObject join(String id, String address) {
    return new JsonObject().put("node_id", id).put("address", address);
  }

  private static JsonObject voter(String id, String address) {
    return new JsonObject().put("id", id).put("address", address).put("suffrage", "Voter");
  }
}
