package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Answers.Committed;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlyMqGroupsTest extends FlyMqTopic {
  private EmbeddedServer server;
  private FlyMqClient client;

  @BeforeEach
  void begin() {
    server = start();
    client = connect(server);
    client.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic("t", 2));
    for (int i = 0; i < 3; i++) {
      client.<Answers.Produced>call(Opcode.PRODUCE, FlyMqClient.record("t", "", "v" + i, 0));
    }
  }

  private long subscribe(String group, int partition, String mode) {
    return client.<Answers.Offset>call(Opcode.SUBSCRIBE, new Requests.Subscribe("t", group, partition, mode)).offset();
  }

  private void commit(String group, long offset) {
    assertThat(client.<Answers.Done>call(Opcode.COMMIT, new Requests.Commit("t", group, 0, offset)).success()).isTrue();
  }

  private long committed(String group) {
    return client.<Answers.Offset>call(Opcode.GET_OFFSET, new Requests.GroupPartition("t", group, 0)).offset();
  }

  @Test
  void readersBeginWhereTheyAskFor() {
    assertThat(subscribe("", 0, "earliest")).isZero();
    assertThat(subscribe("", 0, "latest")).isEqualTo(3);
    assertThat(subscribe("", 0, "")).isEqualTo(3);
    assertThat(subscribe("", 1, "latest")).as("an empty partition").isZero();
    assertThat(subscribe("g", 0, "commit")).isZero();
    commit("g", 2);
    assertThat(subscribe("g", 0, "commit")).isEqualTo(2);
    assertThat(client.refused(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "g", 0, "committed"))).isEqualTo("E0 unknown subscribe mode: committed");
    assertThat(client.refused(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "g", 2, "earliest"))).isEqualTo("E0 partition 2 not found");
    assertThat(client.refused(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "g", -1, "x"))).isEqualTo("E0 partition -1 not found");
    assertThat(client.refused(Opcode.SUBSCRIBE, new Requests.Subscribe("u", "g", 0, "latest"))).isEqualTo("E0 topic not found: u");
  }

  @Test
  void whatIsCommittedIsTheNextToRead() {
    assertThat(client.refused(Opcode.GET_OFFSET, new Requests.GroupPartition("t", "g", 0))).isEqualTo("E0 consumer group not found: t:g");
    commit("g", 2);
    assertThat(committed("g")).isEqualTo(2);
    assertThat(client.<Answers.Offset>call(Opcode.GET_OFFSET, new Requests.GroupPartition("t", "g", 1)).offset()).as("another partition").isZero();
    commit("g", 1);
    assertThat(committed("g")).as("backwards").isEqualTo(1);
    commit("g", 99);
    assertThat(client.<Answers.Lag>call(Opcode.GET_LAG, new Requests.GroupPartition("t", "g", 0))).isEqualTo(new Answers.Lag(99, 99, 3, 0));
    commit("g", 1);
    assertThat(client.<Answers.Lag>call(Opcode.GET_LAG, new Requests.GroupPartition("t", "g", 0))).isEqualTo(new Answers.Lag(1, 1, 3, 2));
    assertThat(client.<Answers.Lag>call(Opcode.GET_LAG, new Requests.GroupPartition("t", "g", 1))).isEqualTo(new Answers.Lag(0, 0, 0, 0));
    assertThat(client.refused(Opcode.COMMIT, new Requests.Commit("t", "g", 2, 0))).isEqualTo("E0 partition 2 not found");
    assertThat(client.refused(Opcode.COMMIT, new Requests.Commit("u", "g", 0, 0))).isEqualTo("E0 topic not found: u");
    assertThat(client.refused(Opcode.COMMIT, new Requests.Commit("t", "g", 0, -1))).isEqualTo("E0 offset 18446744073709551615 is too large");
    assertThat(client.refused(Opcode.GET_LAG, new Requests.GroupPartition("t", "x", 0))).isEqualTo("E0 consumer group not found: t:x");
    assertThat(client.refused(Opcode.GET_LAG, new Requests.GroupPartition("t", "g", -1))).isEqualTo("E0 partition -1 not found");
  }

  @Test
  void groupsWithColonsAreNotOne() {
    client.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic("a", 1));
    client.<Answers.Done>call(Opcode.COMMIT, new Requests.Commit("a", "b:c", 0, 7));
    client.<Answers.Done>call(Opcode.CREATE_TOPIC, new Requests.CreateTopic("a_b", 1));
    client.<Answers.Done>call(Opcode.COMMIT, new Requests.Commit("a_b", "c", 0, 8));
    assertThat(client.<Answers.Groups>call(Opcode.LIST_GROUPS, Message.EMPTY).groups())
        .containsExactlyInAnyOrder(
            new Answers.Group("a", "b:c", 0, List.of(new Committed(0, 7))), new Answers.Group("a_b", "c", 0, List.of(new Committed(0, 8))));
  }

  @Test
  void offsetsAreReset() {
    reset("earliest", 5, 0);
    reset("latest", 5, 3);
    reset("offset", 1, 1);
    assertThat(client.refused(Opcode.RESET_OFFSET, new Requests.ResetOffset("t", "g", 0, "x", 0))).isEqualTo("E0 unknown reset mode: x");
    assertThat(client.refused(Opcode.RESET_OFFSET, new Requests.ResetOffset("t", "g", -3, "latest", 0))).isEqualTo("E0 partition -3 not found");
  }

  private void reset(String mode, long offset, long result) {
    assertThat(client.<Answers.Done>call(Opcode.RESET_OFFSET, new Requests.ResetOffset("t", "g", 0, mode, offset)).success()).isTrue();
    assertThat(committed("g")).isEqualTo(result);
  }

  @Test
  void membersAreCountedAsLongAsTheyAreThere() throws Exception {
    subscribe("g", 0, "earliest");
    FlyMqClient second = new FlyMqClient(server);
    second.<Answers.Offset>call(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "g", 0, "earliest"));
    second.<Answers.Offset>call(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "h", 0, "earliest"));
    assertThat(describe("g")).isEqualTo(new Answers.Group("t", "g", 2, List.of()));
    assertThat(committed("g")).as("it is there").isZero();
    second.close();
    await("t", "h");
    assertThat(describe("g").members()).isEqualTo(1);
    commit("g", 1);
    assertThat(describe("g")).isEqualTo(new Answers.Group("t", "g", 1, List.of(new Committed(0, 1))));
  }

  /** Until a group is gone whose only member left. */
  private void await(String topic, String group) {
    client.send(Opcode.DESCRIBE_GROUP, new Requests.Group(topic, group));
    while (client.receive().opcode() != 0xFF) {
      client.send(Opcode.DESCRIBE_GROUP, new Requests.Group(topic, group));
    }
  }

  private Answers.Group describe(String group) {
    return client.call(Opcode.DESCRIBE_GROUP, new Requests.Group("t", group));
  }

  @Test
  void groupsAreDeletedWithWhatTheyCommitted() {
    subscribe("only-a-member", 0, "latest");
    commit("g", 2);
    for (String group : List.of("g", "only-a-member")) {
      assertThat(client.<Answers.Done>call(Opcode.DELETE_GROUP, new Requests.Group("t", group)).success()).isTrue();
      assertThat(client.refused(Opcode.DELETE_GROUP, new Requests.Group("t", group))).isEqualTo("E0 consumer group not found: t:" + group);
      assertThat(client.refused(Opcode.DESCRIBE_GROUP, new Requests.Group("t", group))).isEqualTo("E0 consumer group not found: t:" + group);
    }
    assertThat(client.refused(Opcode.DESCRIBE_GROUP, new Requests.Group("u", "g"))).as("what tells that nobody has to log in").isEqualTo("E0 consumer group not found: u:g");
    assertThat(client.<Answers.Groups>call(Opcode.LIST_GROUPS, Message.EMPTY).groups()).isEmpty();
  }

  @Test
  void aConnectionIsInSoManyGroupsAndNoMore() {
    for (int i = 0; i < 1_000; i++) {
      subscribe("g" + i, 0, "latest");
    }
    subscribe("g7", 0, "latest");
    assertThat(client.refused(Opcode.SUBSCRIBE, new Requests.Subscribe("t", "g1000", 0, "latest")))
        .isEqualTo("E0 too many groups: a connection may be in 1000");
  }
}
