package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.ConflictException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Position;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What streams do with groups that they are not members of. */
class GroupsTest extends GoQueueTest {
  private static final String GROUP = "/groups/g@orders";
  private static final String NOBODY = "{'id':'g@orders','state':'Empty','generation':4,'topics':['orders'],'members':[],'created_at':'x'}";

  @BeforeEach
  void script() {
    version("tributary test");
    topic("orders", 2, 3, 9);
    server
        .on("GET " + GROUP, NOBODY)
        .on("GET " + GROUP + "/offsets", "{'group_id':'g@orders','topics':{'orders':{'0':5}},'generation':1,'updated_at':'x'}")
        .on("POST " + GROUP + "/join", "{'member_id':'visitor','generation':5,'leader_id':'visitor','partitions':[0,1],'members':['visitor']}")
        .on("POST " + GROUP + "/offsets", "{'status':'committed'}")
        .on("POST " + GROUP + "/leave", "{'status':'left'}")
        .on("DELETE " + GROUP, "{'deleted':true,'group':'g@orders'}");
  }

  private static String members(String... members) {
    return "{'id':'g@orders','state':'Stable','generation':4,'topics':['orders'],'members':[" + String.join(",", members) + "],'created_at':'x'}";
  }

  private static String member(String id, String partitions) {
    return "{'id':'" + id + "','client_id':'c','assigned_partitions':" + partitions + ",'last_heartbeat':'x','joined_at':'x'}";
  }

  private String committedBy(int commit) {
    return server.asked("POST " + GROUP + "/offsets").get(commit).json().getString("member_id");
  }

  @Test
  void commitsAsAMemberForAMomentIfThereIsNone() throws Exception {
    get(streams().commit(NAME, "g", new Position(1, 7), soon()));
    assertThat(server.asked.stream().map(ScriptedHttp.Asked::line))
        .containsSubsequence("GET " + GROUP, "POST " + GROUP + "/join", "POST " + GROUP + "/offsets", "POST " + GROUP + "/leave");
    assertThat(committedBy(0)).isEqualTo("visitor");
    server.on("GET " + GROUP, q -> ScriptedHttp.Reply.error(404, "group not found"));
    get(streams().commit(NAME, "g", new Position(1, 8), soon()));
    assertThat(committedBy(1)).isEqualTo("visitor");
  }

  @Test
  void commitsNothingBeyondWhatWillAppearThereLater() throws Exception {
    version("dev");
    server.on(
        "GET /topics/orders/delayed",
        "{'topic':'orders','messages':[{'topic':'orders','partition':1,'offset':5,'deliver_at':'2030-01-02T03:04:05Z'},"
            + "{'topic':'orders','partition':0,'offset':2,'deliver_at':'2030-01-02T03:04:05Z'}]}");
    get(streams().commit(NAME, "g", new Position(1, 7), soon()));
    get(streams().commit(NAME, "g", new Position(1, 4), soon()));
    assertThat(server.asked("POST " + GROUP + "/offsets").stream().map(q -> q.json().getJsonObject("offsets").encode()))
        .containsExactly("{\"orders\":{\"1\":5}}", "{\"orders\":{\"1\":4}}");
  }

  @Test
  void leavesAlsoIfTheCommitFails() throws Exception {
    server.on("POST " + GROUP + "/offsets", q -> ScriptedHttp.Reply.error(400, "offsets are required"));
    failure(streams().commit(NAME, "g", new Position(1, 7), soon()), InvalidRequestException.class);
    assertThat(server.asked("POST " + GROUP + "/leave")).hasSize(1);
  }

  @Test
  void commitsAsTheMemberThatHasThePartition() throws Exception {
    server.on("GET " + GROUP, members(member("m1", "[0]"), member("m2", "[1]"), member("m3", "null")));
    get(streams().commit(NAME, "g", new Position(1, 7), soon()));
    assertThat(committedBy(0)).isEqualTo("m2");
    assertThat(server.asked("POST " + GROUP + "/join")).isEmpty();
  }

  @Test
  void looksAgainWhenThePartitionMovedMeanwhile() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    server.on("GET " + GROUP, q -> ScriptedHttp.Reply.ok(members(member("m" + looks.incrementAndGet(), "[0,1]"))));
    server.on(
        "POST " + GROUP + "/offsets",
        q ->
            q.json().getString("member_id").equals("m3")
                ? ScriptedHttp.Reply.ok("{'status':'committed'}")
                : ScriptedHttp.Reply.error(403, "partition not assigned to this member"));
    get(streams().commit(NAME, "g", new Position(1, 7), soon()));
    server.on("GET " + GROUP, members(member("m9", "[0]")));
    failure(streams().commit(NAME, "g", new Position(1, 7), soon()), ConflictException.class);
  }

  @Test
  void saysWhatTheGroupCommitted() throws Exception {
    assertThat(get(streams().committed(NAME, "g", 0, soon()))).hasValue(5);
    assertThat(get(streams().committed(NAME, "g", 1, soon()))).isEmpty();
    failure(streams().committed(NAME, "g", 2, soon()), InvalidRequestException.class);
  }

  @Test
  void saysHowFarTheGroupIsAndWhoReads() throws Exception {
    server.on("GET " + GROUP, members(member("m2", "[1]"), member("m1", "[0]")));
    GroupState state = get(streams().groupState(NAME, "g", soon()));
    assertThat(state.partitions())
        .containsExactly(
            new GroupState.PartitionState(0, OptionalLong.of(5), OptionalLong.of(9), 5),
            // From the first message that is still there.
            new GroupState.PartitionState(1, OptionalLong.empty(), OptionalLong.of(9), 7));
    assertThat(state.members()).containsExactly(new GroupState.Member("m1", Set.of(0)), new GroupState.Member("m2", Set.of(1)));
  }

  @Test
  void listsTheGroupsOfTheTopicByTheirOwnNames() throws Exception {
    server.on(
        "GET /groups",
        "{'groups':[{'id':'b@orders','state':'Empty','members':0,'generation':1,'topics':['orders']},"
            + "{'id':'a@orders','state':'Empty','members':0,'generation':1,'topics':['orders']},"
            + "{'id':'@orders','state':'Empty','members':0,'generation':1,'topics':['orders']},"
            + "{'id':'a@others','state':'Empty','members':0,'generation':1,'topics':['others']},"
            + "{'id':'elsewhere','state':'Empty','members':0,'generation':1,'topics':['orders']}]}");
    assertThat(get(streams().groups(NAME, soon()))).containsExactly("a", "b");
  }

  @Test
  void refusesAGroupThatTheServerWouldForget() throws Exception {
    String longest = "g".repeat(255 - "@orders".length());
    server.on("GET /groups/" + longest + "@orders/offsets", "{'group_id':'g','topics':{}}");
    get(streams().committed(NAME, longest, 0, soon()));
    int asked = server.asked.size();
    assertThatThrownBy(() -> streams().commit(NAME, longest + "g", new Position(1, 7), soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> streams().committed(NAME, longest + "g", 0, soon())).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked).hasSize(asked);
  }

  @Test
  void deletesAGroupThatHasNoMembers() throws Exception {
    get(streams().deleteGroup(NAME, "g", soon()));
    assertThat(server.asked("DELETE " + GROUP)).hasSize(1);
    server.on("GET " + GROUP, members(member("m1", "[0,1]")));
    failure(streams().deleteGroup(NAME, "g", soon()), ConflictException.class);
    assertThat(server.asked("DELETE " + GROUP)).hasSize(1);
  }

  @Test
  void deletesWhatIsLeftOfAGroupThatTheServerForgot() throws Exception {
    server.on("GET " + GROUP, q -> ScriptedHttp.Reply.error(404, "group not found"));
    get(streams().deleteGroup(NAME, "g", soon()));
    assertThat(server.asked.stream().map(ScriptedHttp.Asked::line))
        .containsSubsequence("POST " + GROUP + "/join", "POST " + GROUP + "/leave", "DELETE " + GROUP);
    server.on("GET " + GROUP + "/offsets", "{'group_id':'g@orders','topics':{}}");
    failure(streams().deleteGroup(NAME, "g", soon()), NotFoundException.class);
    assertThat(server.asked("DELETE " + GROUP)).hasSize(1);
  }

  @Test
  void answersThatMakeNoSenseAreSaidToBeSo() throws Exception {
    server.on("GET " + GROUP + "/offsets", "{'topics':{'orders':{'0':'five'}}}");
    failure(streams().committed(NAME, "g", 0, soon()), ProtocolViolationException.class);
    server.on("GET " + GROUP + "/offsets", "{'topics':{'orders':{'zero':5}}}");
    failure(streams().committed(NAME, "g", 0, soon()), ProtocolViolationException.class);
    server.on("GET " + GROUP + "/offsets", "{'topics':[]}");
    failure(streams().committed(NAME, "g", 0, soon()), ProtocolViolationException.class);
    server.on("GET /groups", "{'groups':['g@orders']}");
    failure(streams().groups(NAME, soon()), ProtocolViolationException.class);
    server.on("POST " + GROUP + "/join", "{'member_id':7}");
    failure(streams().commit(NAME, "g", new Position(0, 1), soon()), ProtocolViolationException.class);
  }
}
