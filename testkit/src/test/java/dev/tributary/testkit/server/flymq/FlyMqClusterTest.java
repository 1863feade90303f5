package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.ServerFaults;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Answers.Partition;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlyMqClusterTest extends FlyMqTopic {
  private static List<Partition> partitions(FlyMqClient client, String topic) {
    return client.<Answers.Cluster>call(Opcode.CLUSTER_METADATA, new Requests.Name(topic)).topics().get(0).partitions();
  }

  @Test
  void nodesServeTheSameAndShareItsPartitions() {
    EmbeddedServer first = startWithUsers();
    EmbeddedServer second = opened(EmbeddedServer.flymq().time(time).nodeOf(first).start());
    FlyMqClient one = connect(first);
    FlyMqClient two = connect(second);
    one.<Answers.Identity>call(Opcode.AUTH, new Requests.Login("admin", "secret"));
    assertThat(two.refused(Opcode.LIST_TOPICS, Message.EMPTY)).as("the same users").isEqualTo("E0 authentication required");
    two.<Answers.Identity>call(Opcode.AUTH, new Requests.Login("admin", "secret"));
    one.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic("t", 3));
    String here = first.host() + ":" + first.port();
    String there = second.host() + ":" + second.port();
    assertThat(partitions(two, "t")).extracting(Partition::address).containsExactly(here, there, here);
    assertThat(partitions(two, "t")).extracting(Partition::leader).containsExactly("node1", "node2", "node1");
    assertThat(partitions(two, "t")).allSatisfy(partition -> {
      assertThat(partition.state()).isEqualTo("online");
      assertThat(partition.replicas()).containsExactly("node1", "node2");
    });
    String transaction = one.<Answers.Transaction>call(Opcode.TXN_BEGIN, Message.EMPTY).id();
    two.<Answers.Produced>call(Opcode.TXN_PRODUCE, new Requests.ProduceInTransaction(transaction, "u", new byte[1]));
    first.stop();
    assertThat(partitions(two, "t")).extracting(Partition::address).containsOnly(there);
    assertThat(two.<Answers.Transaction>call(Opcode.TXN_COMMIT, new Requests.Name(transaction)).success()).isTrue();
    first.start();
    assertThat(partitions(two, "t")).extracting(Partition::leader).containsExactly("node1", "node2", "node1");
  }

  @Test
  void whoDoesNotLeadSendsElsewhere() {
    EmbeddedServer first = start();
    EmbeddedServer second = opened(EmbeddedServer.flymq().time(time).nodeOf(first).start());
    String there = second.host() + ":" + second.port();
    FlyMqClient client = connect(first);
    client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1));
    first.faults().play(ServerFaults.Role.FOLLOWER);
    assertThat(client.refused(Opcode.CREATE_TOPIC, new Requests.CreateTopic("u", 1))).isEqualTo("E0 not leader: leader_id=node2 leader_addr=" + there);
    assertThat(client.refused(Opcode.REGISTER_SCHEMA, new Requests.RegisterSchema("s", "json", new byte[0])))
        .isEqualTo("E1 not leader: leader_id=node2 leader_addr=" + there);
    assertThat(client.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1))).isEqualTo("E0 not partition leader: partition=0 leader_addr=" + there);
    assertThat(client.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 1, "")).records()).as("reading needs no leader").hasSize(1);
    assertThat(partitions(client, "t")).extracting(Partition::address).containsOnly(there);
    first.faults().play(ServerFaults.Role.LEADERLESS);
    assertThat(client.refused(Opcode.DELETE_TOPIC, new Requests.Name("t"))).isEqualTo("E0 not leader: leader_id=");
    assertThat(client.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1))).isEqualTo("E0 not leader: no leader elected");
    second.faults().play(ServerFaults.Role.LEADERLESS);
    assertThat(partitions(client, "t")).extracting(Partition::state).containsOnly("offline");
    first.faults().clear();
    client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1));
  }

  @Test
  void operationsFailAndTakeTimeAsTheyAreTold() {
    EmbeddedServer server = start();
    FlyMqClient client = connect(server);
    server.faults().fail("PRODUCE", 1, 1, "EOF");
    assertThat(client.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1))).isEqualTo("E0 EOF");
    server.faults().failApplied("PRODUCE", 1, 0, "");
    assertThat(client.refused(Opcode.PRODUCE, FlyMqClient.record("t", "", "v", -1))).isEqualTo("closed");
    FlyMqClient again = connect(server);
    assertThat(again.<Answers.Fetched>call(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 9, "")).records()).hasSize(1);
    server.faults().delay("FETCH", Duration.ofSeconds(31));
    again.send(Opcode.FETCH, new Requests.Fetch("t", 0, 0, 9, ""));
    again.send(Opcode.WHOAMI, Message.EMPTY);
    while (time.pendingTimers() < 2) {
      Thread.onSpinWait();
    }
    time.advance(Duration.ofSeconds(30));
    assertThat(FlyMqClient.error(again.receive())).isEqualTo("E0 timeout after 30s");
    assertThat(again.receive().opcode()).as("in its turn").isEqualTo(Opcode.WHOAMI.code());
    server.faults().goAway();
    assertThat(again.receive()).isNull();
  }

  @Test
  void whatTakesAPublicServerDownEndsTheConnectionAndIsCounted() {
    EmbeddedServer server = start(Quirk.SHIPPED_FLYMQ);
    List<Opcode> users =
        List.of(Opcode.AUTH, Opcode.USER_CREATE, Opcode.USER_DELETE, Opcode.USER_UPDATE, Opcode.USER_LIST, Opcode.USER_GET, Opcode.ACL_SET,
            Opcode.ACL_GET, Opcode.ACL_DELETE, Opcode.ACL_LIST, Opcode.PASSWORD_CHANGE, Opcode.ROLE_LIST);
    users.forEach(opcode -> assertThat(connect(server).refused(opcode, FlyMqAccessTest.request(opcode))).isEqualTo("closed"));
    fatal(server, Opcode.FETCH, new Requests.Fetch("t", -1, 0, 1, ""));
    fatal(server, Opcode.SUBSCRIBE, new Requests.Subscribe("t", "", -1, "latest"));
    fatal(server, Opcode.GET_LAG, new Requests.GroupPartition("t", "g", -1));
    fatal(server, Opcode.RESET_OFFSET, new Requests.ResetOffset("t", "g", -1, "latest", 0));
    fatal(server, Opcode.CREATE_TOPIC, new Requests.CreateTopic("t", -1));
    fatal(server, Opcode.AUDIT_QUERY, new Requests.AuditQuery(0, 0, List.of(), "", "", "", "", -1, 0));
    fatal(server, Opcode.AUDIT_EXPORT, new Requests.AuditExport(new Requests.AuditQuery(0, 0, List.of(), "", "", "", "", 0, -1), "csv"));
    assertThat(server.faults().crashes()).isEqualTo(users.size() + 7);
    assertThat(connect(server).refused(Opcode.CONSUME, new Requests.Consume("t", -1, 0))).as("this one survives").isEqualTo("E0 topic not found");
    EmbeddedServer right = start();
    fatal(server, Opcode.FETCH_BINARY, new Requests.Fetch("t", -1, 0, 1, ""));
    assertThat(connect(right).refused(Opcode.FETCH, new Requests.Fetch("t", -1, 0, 1, ""))).isEqualTo("E0 topic not found: t");
    assertThat(right.faults().crashes()).isZero();
  }

  private void fatal(EmbeddedServer server, Opcode opcode, Message request) {
    assertThat(connect(server).refused(opcode, request)).isEqualTo("closed");
  }
}
