package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.OffsetOutOfRangeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.goqueue.client.Positions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where sources begin and go on, what they keep for their group, and what they do at a handover. */
@Timeout(60)
class GoQueuePositionsTest extends GoQueueTest {
  private static final String GROUP = "/groups/g@orders";

  private final Observed observed = new Observed();
  private final Map<Integer, Long> committed = new ConcurrentHashMap<>();
  private final BlockingQueue<JsonObject> commits = new LinkedBlockingQueue<>();
  private final List<JsonObject> members = java.util.Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger generation = new AtomicInteger();
  private final AtomicInteger numbers = new AtomicInteger();
  private volatile PartitionedTopic topic;

  @BeforeEach
  void serve() {
    version("tributary test");
    topic = new PartitionedTopic(server, "orders", 2);
    server
        .on("POST " + GROUP + "/join", q -> join(q.json().getString("client_id")))
        .on("POST " + GROUP + "/join/cooperative", q -> join(q.json().getString("client_id")))
        .on("POST " + GROUP + "/heartbeat", this::heartbeat)
        .on("GET " + GROUP, q -> json(state()))
        .on("GET " + GROUP + "/offsets", q -> json(offsets()))
        .on("POST " + GROUP + "/offsets", this::commit)
        .on("POST " + GROUP + "/leave", q -> leave(q.json().getString("member_id")))
        .on("POST " + GROUP + "/leave/cooperative", q -> leave(q.json().getString("member_id")));
  }

  /** Everybody has both partitions: only one is to be there. */
  private ScriptedHttp.Reply join(String client) {
    String id = client + "-" + numbers.incrementAndGet();
    members.add(new JsonObject().put("id", id).put("client_id", client).put("assigned_partitions", new JsonArray().add(0).add(1)));
    generation.incrementAndGet();
    return json(
        new JsonObject()
            .put("member_id", id)
            .put("generation", generation.get())
            .put("partitions", new JsonArray().add(0).add(1))
            .put("members", new JsonArray(members.stream().map(member -> member.getString("id")).toList())));
  }

  private ScriptedHttp.Reply heartbeat(ScriptedHttp.Asked asked) {
    return asked.json().getInteger("generation") == generation.get()
        ? ScriptedHttp.Reply.ok("{'status':'ok'}")
        : ScriptedHttp.Reply.error(409, "stale generation (rebalance occurred)");
  }

  private JsonObject state() {
    return new JsonObject()
        .put("id", "g@orders")
        .put("generation", generation.get())
        .put("topics", new JsonArray().add("orders"))
        .put("members", new JsonArray(List.copyOf(members)));
  }

  private JsonObject offsets() {
    JsonObject offsets = new JsonObject();
    committed.forEach((partition, next) -> offsets.put(Integer.toString(partition), next));
    return new JsonObject().put("topics", new JsonObject().put("orders", offsets));
  }

  private ScriptedHttp.Reply commit(ScriptedHttp.Asked asked) {
    JsonObject offsets = asked.json().getJsonObject("offsets").getJsonObject("orders");
    offsets.forEach(one -> committed.put(Integer.valueOf(one.getKey()), ((Number) one.getValue()).longValue()));
    commits.add(offsets);
    return ScriptedHttp.Reply.ok("{'status':'committed'}");
  }

  private ScriptedHttp.Reply leave(String id) {
    generation.incrementAndGet();
    return members.removeIf(member -> member.getString("id").equals(id))
        ? ScriptedHttp.Reply.ok("{'status':'left'}")
        : ScriptedHttp.Reply.error(404, "member not found");
  }

  private static ScriptedHttp.Reply json(JsonObject body) {
    return new ScriptedHttp.Reply(200, body.encode());
  }

  private StreamSource subscribe(@Nullable String group, Set<Integer> partitions, StartAt start, OffsetReset reset) throws Exception {
    if (driver == null) {
      connect(config().option("heartbeat", "100ms"));
    }
    StreamSource source = streams().subscribe(new SubscribeSpec(NAME, group, partitions, start, reset, 100), observed);
    source.request(1_000);
    return source;
  }

  private List<Long> offsets(int count) throws InterruptedException {
    List<Long> offsets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      offsets.add(next(observed.places).offset());
    }
    return offsets;
  }

  // A start is kept.

  @Test
  void whereALatestStartBeginsIsKeptForTheGroup() throws Exception {
    topic.fill(0, 0, 7);
    subscribe("g", Set.of(), StartAt.latest(), OffsetReset.FAIL);
    assertThat(next(commits)).isEqualTo(new JsonObject().put("0", 7).put("1", 0));
    topic.put(0, 7);
    assertThat(next(observed.places)).isEqualTo(new Position(0, 7));
  }

  @Test
  void committedElseLatestKeepsOnlyWhatWasNot() throws Exception {
    topic.fill(0, 0, 7);
    committed.put(0, 5L);
    subscribe("g", Set.of(), StartAt.committedElseLatest(), OffsetReset.FAIL);
    assertThat(next(commits)).isEqualTo(new JsonObject().put("1", 0));
    assertThat(offsets(2)).containsExactly(5L, 6L);
  }

  @Test
  void whereTheGroupStoppedNothingIsToBeKept() throws Exception {
    topic.fill(0, 0, 3);
    subscribe("g", Set.of(), StartAt.committed(), OffsetReset.FAIL);
    assertThat(offsets(3)).containsExactly(0L, 1L, 2L);
    assertThat(commits).isEmpty();
  }

  @Test
  void alsoWithoutMembershipALatestStartIsKept() throws Exception {
    topic.fill(1, 0, 4);
    subscribe("g", Set.of(1), StartAt.latest(), OffsetReset.FAIL);
    assertThat(next(commits)).isEqualTo(new JsonObject().put("1", 4));
    topic.put(1, 4);
    assertThat(offsets(1)).containsExactly(4L);
  }

  // Positions that are gone.

  @ParameterizedTest
  @EnumSource(OffsetReset.class)
  void aCommittedPlaceBeyondTheEndIsNotWaitedFor(OffsetReset reset) throws Exception {
    topic.fill(0, 0, 3);
    committed.put(0, 10L);
    subscribe("g", Set.of(), StartAt.committed(), reset);
    goesOn(reset, 3);
  }

  @ParameterizedTest
  @EnumSource(OffsetReset.class)
  void aDeliveredPlaceBeyondTheEndIsFoundOutWhenTheServerComesBack(OffsetReset reset) throws Exception {
    topic.fill(0, 0, 10);
    subscribe(null, Set.of(0), StartAt.earliest(), reset);
    offsets(10);
    topic.remove(0, 3, 10);
    AtomicInteger breaks = new AtomicInteger(1);
    server.faults(q -> q.query().containsKey("limit") && breaks.getAndDecrement() > 0 ? ScriptedHttp.Reply.BREAK : null);
    goesOn(reset, 3);
  }

  @ParameterizedTest
  @EnumSource(OffsetReset.class)
  void itIsFoundOutAlsoIfNoConnectionBroke(OffsetReset reset) throws Exception {
    topic.fill(0, 0, 10);
    subscribe(null, Set.of(0), StartAt.earliest(), reset);
    offsets(10);
    topic.remove(0, 3, 10);
    goesOn(reset, 3);
  }

  /** After it was found out that the partition has this many messages now. */
  private void goesOn(OffsetReset reset, int messages) throws Exception {
    if (reset == OffsetReset.FAIL) {
      assertThat(get(observed.end)).isInstanceOf(OffsetOutOfRangeException.class).hasMessageContaining("partition 0 of orders");
    } else if (reset == OffsetReset.EARLIEST) {
      assertThat(offsets(messages)).isEqualTo(List.of(0L, 1L, 2L));
    } else {
      for (long offset = messages; observed.places.isEmpty(); offset++) {
        assertThat(observed.end).isNotDone();
        topic.put(0, offset);
        java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
      }
      assertThat(offsets(1).get(0)).isGreaterThanOrEqualTo(messages);
    }
    observed.places.clear();
  }

  @Test
  void anOffsetAheadIsWaitedFor() throws Exception {
    topic.fill(0, 0, 3);
    subscribe(null, Set.of(0), StartAt.offset(5), OffsetReset.FAIL);
    while (server.asked("GET /topics/orders/partitions/0/messages").size() < 8) {
      Thread.onSpinWait();
    }
    AtomicInteger breaks = new AtomicInteger(1);
    server.faults(q -> q.query().containsKey("limit") && breaks.getAndDecrement() > 0 ? ScriptedHttp.Reply.BREAK : null);
    while (breaks.get() > 0) {
      Thread.onSpinWait();
    }
    topic.fill(0, 3, 6);
    assertThat(offsets(1)).containsExactly(5L);
    assertThat(observed.end).isNotDone();
  }

  @Test
  void whatBecameTooOldUnreadIsMissed() throws Exception {
    topic.fill(0, 0, 3);
    subscribe(null, Set.of(0), StartAt.earliest(), OffsetReset.FAIL);
    offsets(3);
    topic.keepsFrom(0, 6);
    topic.fill(0, 6, 8);
    assertThat(get(observed.end)).isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void whoeverGoesBackToWhatIsTooOldGetsWhatIsThere() throws Exception {
    topic.fill(0, 0, 8);
    StreamSource source = subscribe(null, Set.of(0), StartAt.earliest(), OffsetReset.FAIL);
    offsets(8);
    topic.keepsFrom(0, 6);
    get(source.seek(Map.of(0, StartAt.offset(0)), soon()));
    assertThat(offsets(2)).containsExactly(6L, 7L);
    topic.put(0, 8);
    assertThat(offsets(1)).containsExactly(8L);
    assertThat(observed.end).isNotDone();
  }

  @Test
  void aNumberOfPartitionsThatNoTopicHasIsNoAnswer() throws Exception {
    topic("orders", 1, 0, 3);
    server.on("GET /topics/orders", "{'name':'orders','partitions':2147483647,'partition_offsets':{'0':{'earliest':0,'latest':3}}}");
    subscribe(null, Set.of(), StartAt.earliest(), OffsetReset.FAIL);
    assertThat(get(observed.end)).isInstanceOf(ProtocolViolationException.class);
  }

  // Members that nobody knows.

  @ParameterizedTest
  @ValueSource(strings = {"eager", "cooperative"})
  void aMemberThatALostAnswerMadeIsLeft(String protocol) throws Exception {
    String join = "POST " + GROUP + "/join" + (protocol.equals("eager") ? "" : "/cooperative");
    AtomicInteger lost = new AtomicInteger(2);
    server.on("POST " + GROUP + "/heartbeat/cooperative", cooperative("none", 0, 1));
    server.faults(
        q -> {
          if (q.line().equals(join) && lost.getAndDecrement() > 0) {
            join(q.json().getString("client_id"));
            return ScriptedHttp.Reply.BREAK;
          }
          return null;
        });
    members.add(new JsonObject().put("id", "other-0").put("client_id", "tributary").put("assigned_partitions", new JsonArray()));
    connect(config().option("heartbeat", "100ms").option("rebalance", protocol));
    StreamSource source = subscribe("g", Set.of(), StartAt.committed(), OffsetReset.FAIL);
    assertThat(next(observed.assigned)).containsExactlyInAnyOrder(0, 1);
    assertThat(members).extracting(member -> member.getString("id")).as("without two ghosts").hasSize(2).contains("other-0");
    // And one whose request was long on its way.
    String mine = members.get(1).getString("client_id");
    if (protocol.equals("eager")) {
      join(mine);
      while (members.size() > 2) {
        Thread.onSpinWait();
      }
    }
    get(source.close());
    assertThat(members).hasSize(1);
  }

  @Test
  void whoeverGivesUpBeforeItIsAMemberLeavesNoneBehind() throws Exception {
    server.on("POST " + GROUP + "/join", q -> {
          join(q.json().getString("client_id"));
          return ScriptedHttp.Reply.BREAK;
        });
    StreamSource source = subscribe("g", Set.of(), StartAt.committed(), OffsetReset.FAIL);
    while (numbers.get() == 0) {
      Thread.onSpinWait();
    }
    get(source.close());
    assertThat(members).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aVisitorLeavesAlsoWhenNobodyWaitsForItsCommitAnyMore(boolean joined) throws Exception {
    connect(config());
    server.faults(
        q -> {
          if (!joined && q.line().equals("POST " + GROUP + "/join")) {
            join(q.json().getString("client_id"));
            return ScriptedHttp.Reply.BREAK;
          }
          return q.line().equals("POST " + GROUP + "/offsets") ? ScriptedHttp.Reply.SILENCE : null;
        });
    CompletableFuture<Void> commit = streams().commit(NAME, "g", new Position(0, 0), soon());
    while (numbers.get() == 0 || joined && server.asked("POST " + GROUP + "/offsets").isEmpty()) {
      Thread.onSpinWait();
    }
    commit.cancel(true);
    while (!members.isEmpty()) {
      Thread.onSpinWait();
    }
  }

  // At a handover.

  private static String cooperative(String state, int... partitions) {
    JsonArray pairs = new JsonArray();
    for (int partition : partitions) {
      pairs.add(new JsonObject().put("topic", "orders").put("partition", partition));
    }
    return new JsonObject()
        .put("rebalance_required", false)
        .put("partitions_assigned", pairs)
        .put("generation", 1)
        .put("protocol", "cooperative")
        .put("state", state)
        .encode();
  }

  @Test
  void whatIsFinishedIsCommittedBeforeAPartitionIsHandedOver() throws Exception {
    topic.fill(1, 0, 3);
    server.on("POST " + GROUP + "/heartbeat/cooperative", cooperative("none", 0, 1));
    server.on("POST " + GROUP + "/revoke", "{'status':'acknowledged','pending_count':0,'rebalance_state':'pending_assign'}");
    connect(config().option("heartbeat", "100ms").option("rebalance", "cooperative"));
    StreamSource source = subscribe("g", Set.of(), StartAt.committed(), OffsetReset.FAIL);
    offsets(3);
    observed.finished = new CompletableFuture<>();
    server.on(
        "POST " + GROUP + "/heartbeat/cooperative",
        "{'rebalance_required':true,'partitions_to_revoke':[{'topic':'orders','partition':1}],'generation':1,'protocol':'cooperative','state':'pending_revoke'}");
    assertThat(next(observed.revoking)).containsExactly(1);
    assertThat(server.asked("POST " + GROUP + "/revoke")).isEmpty();
    topic.put(1, 3);
    get(source.commit(Map.of(1, 3L), soon()));
    assertThat(observed.revoked).isEmpty();
    server.on("POST " + GROUP + "/heartbeat/cooperative", cooperative("none", 0));
    observed.finished.complete(null);
    assertThat(next(observed.revoked)).containsExactly(1);
    while (server.asked("POST " + GROUP + "/revoke").isEmpty()) {
      Thread.onSpinWait();
    }
    List<String> order = server.asked.stream().map(ScriptedHttp.Asked::line).filter(line -> line.endsWith("/revoke") || line.equals("POST " + GROUP + "/offsets")).toList();
    assertThat(order).containsExactly("POST " + GROUP + "/offsets", "POST " + GROUP + "/revoke");
    assertThat(observed.places).as("nothing more of it").isEmpty();
  }

  @Test
  void aHandoverIsNotWaitedForForEver() throws Exception {
    server.on("POST " + GROUP + "/heartbeat/cooperative", cooperative("none", 0, 1));
    server.on("POST " + GROUP + "/revoke", "{'status':'acknowledged','pending_count':0,'rebalance_state':'pending_assign'}");
    connect(config().option("heartbeat", "100ms").option("rebalance", "cooperative"));
    subscribe("g", Set.of(), StartAt.committed(), OffsetReset.FAIL);
    next(observed.assigned);
    observed.finished = new CompletableFuture<>();
    server.on(
        "POST " + GROUP + "/heartbeat/cooperative",
        "{'rebalance_required':true,'partitions_to_revoke':[{'topic':'orders','partition':1}],'generation':1,'protocol':'cooperative','state':'pending_revoke'}");
    assertThat(next(observed.revoked)).containsExactly(1);
    assertThat(observed.finished).isNotDone();
  }

  @Test
  void nothingAssignedIsAnAssignment() throws Exception {
    server.on("POST " + GROUP + "/join", "{'member_id':'m1','generation':0,'partitions':[],'members':['m0','m1']}");
    subscribe("g", Set.of(), StartAt.committed(), OffsetReset.FAIL);
    assertThat(next(observed.assigned)).isEmpty();
  }

  // Room.

  @Test
  void nothingIsFetchedWithoutRoomForIt() throws Exception {
    topic.fill(0, 0, 50);
    observed.room = 0;
    StreamSource source = subscribe(null, Set.of(0), StartAt.earliest(), OffsetReset.FAIL);
    next(observed.states);
    assertThat(server.asked("GET /topics/orders/partitions/0/messages")).isEmpty();
    observed.room = Long.MAX_VALUE;
    source.request(0);
    assertThat(offsets(50)).isSorted();
  }
}
