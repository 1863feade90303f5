package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The nodes of a cluster. All of them serve the same, so each could do everything; partitions are led by one after the other of those that are
 * up and do not play another part, so that clients have somewhere to go. Thread-safe.
 */
public final class Nodes {
  private static final long EPOCH = 1;
  /** Where clients are sent if this is the only node. */
  private static final Node ELSEWHERE = new Node("elsewhere", "127.0.0.1:9");

  private final String clusterId;
  private final Map<String, Member> up = new TreeMap<>();
  private int ever;

  public Nodes(String clusterId) {
    this.clusterId = clusterId;
  }

  /** One node, and where its clients reach it. */
  public record Node(String id, String address) {}

  private record Member(Node node, ServerFaults faults) {}

  public String clusterId() {
    return clusterId;
  }

  /** The id of one more node. */
  public synchronized String nextId() {
    return "node" + ++ever;
  }

  public synchronized void up(Node node, ServerFaults faults) {
    up.put(node.id(), new Member(node, faults));
  }

  public synchronized void down(String id) {
    up.remove(id);
  }

  private synchronized List<Node> leaders() {
    return up.values().stream().filter(member -> member.faults().role() == ServerFaults.Role.LEADER).map(Member::node).toList();
  }

  private synchronized List<String> ids() {
    return new ArrayList<>(up.keySet());
  }

  /** A topic with its partitions, and who leads them. */
  public Answers.Topic topic(Topic topic) {
    List<Node> leaders = leaders();
    List<String> all = ids();
    return new Answers.Topic(
        topic.name(),
        IntStream.range(0, topic.partitions())
            .mapToObj(
                partition -> {
                  if (leaders.isEmpty()) {
                    return new Answers.Partition(partition, "", "", EPOCH, "offline", all, List.of());
                  }
                  Node leader = leaders.get(partition % leaders.size());
                  return new Answers.Partition(partition, leader.id(), leader.address(), EPOCH, "online", all, all);
                })
            .toList());
  }

  /** Refuses what only a leader does while this node plays another part. */
  public void mustLead(Opcode opcode, ServerFaults.Role role) {
    if (role == ServerFaults.Role.LEADER || !changes(opcode)) {
      return;
    }
    boolean produces = produces(opcode);
    if (role == ServerFaults.Role.LEADERLESS) {
      throw new Refusal(produces ? "not leader: no leader elected" : "not leader: leader_id=");
    }
    Node leader = leaders().stream().findFirst().orElse(ELSEWHERE);
    throw new Refusal(
        produces
            ? "not partition leader: partition=0 leader_addr=" + leader.address()
            : "not leader: leader_id=" + leader.id() + " leader_addr=" + leader.address());
  }

  private static boolean produces(Opcode opcode) {
    return switch (opcode) {
      case PRODUCE, PRODUCE_WITH_SCHEMA, PRODUCE_DELAYED, PRODUCE_WITH_TTL -> true;
      default -> false;
    };
  }

  private static boolean changes(Opcode opcode) {
    return switch (opcode) {
      case CREATE_TOPIC, DELETE_TOPIC, REGISTER_SCHEMA, DELETE_SCHEMA, USER_CREATE, USER_DELETE, USER_UPDATE, PASSWORD_CHANGE, ACL_SET, ACL_DELETE ->
          true;
      default -> produces(opcode);
    };
  }
}
