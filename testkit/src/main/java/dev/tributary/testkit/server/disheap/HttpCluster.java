package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The engine's own routes, about the node and its cluster. Nobody needs a token for them. */
final class HttpCluster {
  private final Cluster cluster;

  HttpCluster(Cluster cluster) {
    this.cluster = cluster;
  }

  void on(HttpRoutes routes) {
    routes
        .on(HttpRoutes.ANY, "/health", call -> done(health()))
        .on(HttpRoutes.ANY, "/raft/status", call -> done(status()))
        .on("POST", "/join", call -> done(join(call)))
        .on(
            HttpRoutes.ANY,
            "/join",
            call -> done(HttpReply.text(405, "Method not allowed").with(Map.of("allow", "POST"))));
  }

  private static CompletableFuture<HttpReply> done(HttpReply reply) {
    return CompletableFuture.completedFuture(reply);
  }

  private HttpReply health() {
    String leader = cluster.leader();
    return HttpReply.json(
        leader.isEmpty() ? 503 : 200,
        new JsonObject()
            .put("status", "ok")
            .put("is_leader", cluster.leads())
            .put("healthy", !leader.isEmpty())
            .put("leader", leader));
  }

  private HttpReply status() {
    JsonArray servers = new JsonArray();
    cluster
        .nodes()
        .forEach(
            (id, address) -> servers.add(new JsonObject().put("id", id).put("address", address).put("suffrage", "Voter")));
    long entries = cluster.entries();
    return HttpReply.json(
        new JsonObject()
            .put("node_id", cluster.node())
            .put(
                "state",
                switch (cluster.role()) {
                  case LEADER -> "Leader";
                  case FOLLOWER -> "Follower";
                  case LEADERLESS -> "Candidate";
                })
            .put("is_leader", cluster.leads())
            // As the public server has it: the leader gives its id, everybody else the leader's address.
            .put("leader", cluster.leads() ? cluster.node() : cluster.leader())
            .put("term", Cluster.TERM)
            .put("last_log_index", entries)
            .put("last_log_term", Cluster.TERM)
            .put("commit_index", entries)
            .put("applied_index", entries)
            .put("cluster_size", servers.size())
            .put("voters", servers.size())
            .put("servers", servers));
  }

  private HttpReply join(HttpCall call) {
    String id;
    String address;
    try {
      JsonObject body = call.body();
      id = HttpCall.required(body, "node_id");
      address = HttpCall.required(body, "address");
    } catch (BadRequest wrong) {
      return error(wrong.status(), wrong.getMessage());
    }
    if (!cluster.leads()) {
      return HttpReply.json(400, new JsonObject().put("error", "not leader").put("leader", cluster.leader()));
    }
    String refused = cluster.join(id, address);
    return refused == null
        ? HttpReply.json(new JsonObject().put("status", "success").put("message", "node " + id + " joined as a voter"))
        : error(500, refused);
  }

  /** How these routes say that something is wrong. */
  static HttpReply error(int status, String message) {
    return HttpReply.json(status, new JsonObject().put("error", message));
  }
}
