package dev.tributary.testkit.server.disheap;

import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.Sockets;
import io.vertx.grpc.common.GrpcStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Raft cluster as this node tells of it. It is a cluster of one: who joins is listed as a voter, is sent nothing and has no say.
 * While the node plays a follower, there is a second node, which leads. Thread-safe.
 */
final class Cluster {
  static final long TERM = 1;

  /** Who leads while this node follows. */
  private static final String OTHER = "elsewhere";
  private static final int RAFT_PORT = 8300;
  private static final int OTHER_RAFT_PORT = 8301;
  private static final int MOST = 100;
  /** The first configuration, and the entry by which a leader begins its term. */
  private static final long FIRST_ENTRIES = 2;

  private final String node;
  private final String host;
  private final ServerFaults faults;
  private final Map<String, String> joined = new LinkedHashMap<>();
  private long entries = FIRST_ENTRIES;

  Cluster(String node, String host, ServerFaults faults) {
    this.node = node;
    this.host = host;
    this.faults = faults;
  }

  /** The id of this node. */
  String node() {
    return node;
  }

  ServerFaults.Role role() {
    return faults.role();
  }

  boolean leads() {
    return role() == ServerFaults.Role.LEADER;
  }

  /** Refuses what only a leader does. */
  void mustLead() {
    if (!leads()) {
      throw new Rejection(GrpcStatus.UNAVAILABLE, node + " is not leader");
    }
  }

  /** The Raft address of the leader; empty if none is known. */
  String leader() {
    return switch (role()) {
      case LEADER -> Sockets.address(host, RAFT_PORT);
      case FOLLOWER -> Sockets.address(host, OTHER_RAFT_PORT);
      case LEADERLESS -> "";
    };
  }

  /** The nodes by id, and their Raft addresses. */
  synchronized Map<String, String> nodes() {
    Map<String, String> nodes = new LinkedHashMap<>();
    nodes.put(node, Sockets.address(host, RAFT_PORT));
    nodes.putAll(joined);
    if (role() == ServerFaults.Role.FOLLOWER) {
      nodes.put(OTHER, leader());
    }
    return nodes;
  }

  /** How long the log is. */
  synchronized long entries() {
    return entries;
  }

  /** Adds a voter, or moves it to another address; says what is against that, or null. */
  synchronized @Nullable String join(String id, String address) {
    Map<String, String> nodes = nodes();
    if (address.equals(nodes.get(id))) {
      return null;
    } else if (id.equals(node)) {
      return "node " + id + " is this node, at " + nodes.get(id);
    } else if (nodes.containsValue(address)) {
      return "another node has the address " + address;
    } else if (nodes.size() >= MOST && !nodes.containsKey(id)) {
      return "there are " + MOST + " nodes already";
    }
    joined.put(id, address);
    entries++;
    return null;
  }
}
