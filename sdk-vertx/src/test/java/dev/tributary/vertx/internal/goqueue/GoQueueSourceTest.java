package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.SubscriptionState;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoQueueSourceTest extends GoQueueTest {
  private static final String GROUP = "/groups/g@orders";
  private final Observed observed = new Observed();

  @BeforeEach
  void speaks() {
    version("tributary test");
  }

  private StreamSource subscribe(@Nullable String group, Set<Integer> partitions, StartAt start, int prefetch) throws Exception {
    return streams().subscribe(new SubscribeSpec(NAME, group, partitions, start, prefetch), observed);
  }

  private StreamSource subscribe(@Nullable String group) throws Exception {
    return subscribe(group, Set.of(), group == null ? StartAt.earliest() : StartAt.committed(), 100);
  }

  private List<Long> offsets(int partition, int count) throws InterruptedException {
    List<Long> offsets = new ArrayList<>();
    while (offsets.size() < count) {
      Position place = next(observed.places);
      assertThat(place.partition()).isEqualTo(partition);
      offsets.add(place.offset());
    }
    return offsets;
  }

  private Map<Integer, List<Long>> offsets(int count) throws InterruptedException {
    Map<Integer, List<Long>> offsets = new HashMap<>();
    for (int i = 0; i < count; i++) {
      Position place = next(observed.places);
      offsets.computeIfAbsent(place.partition(), none -> new ArrayList<>()).add(place.offset());
    }
    return offsets;
  }

  // Without a group.

  @Test
  void readsAllPartitionsEachInOrder() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 6);
    for (int partition = 0; partition < 6; partition++) {
      topic.fill(partition, 0, 30);
    }
    subscribe(null, Set.of(), StartAt.earliest(), 20).request(1_000);
    assertThat(next(observed.assigned)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.LIVE);
    Map<Integer, List<Long>> all = offsets(180);
    assertThat(all).hasSize(6);
    assertThat(all.values()).allSatisfy(offsets -> assertThat(offsets).isSorted().doesNotHaveDuplicates().hasSize(30));
    topic.put(5, 30);
    assertThat(offsets(5, 1)).containsExactly(30L);
    assertThat(server.asked).filteredOn(q -> q.query().containsKey("limit")).allMatch(q -> q.number("limit") <= 20);
  }

  @Test
  void deliversWhatIsWantedAndHoldsNoMoreThanItsWindow() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    topic.fill(0, 0, 100);
    StreamSource source = subscribe(null, Set.of(), StartAt.earliest(), 10);
    source.request(3);
    assertThat(offsets(0, 3)).containsExactly(0L, 1L, 2L);
    source.request(40);
    assertThat(offsets(0, 40)).hasSize(40).isSorted();
    assertThat(observed.places).isEmpty();
    String page = "GET /topics/orders/partitions/0/messages";
    assertThat(server.asked(page)).allMatch(q -> q.number("offset") + q.number("limit") <= 43 + 10);
  }

  @Test
  void goesOnAfterTheConnectionBrokeWithoutAGapOrARepetition() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 2);
    topic.fill(0, 0, 200);
    topic.fill(1, 0, 200);
    AtomicInteger asked = new AtomicInteger();
    server.faults(q -> q.line().contains("/partitions/") && asked.incrementAndGet() % 3 == 0 ? ScriptedHttp.Reply.BREAK : null);
    subscribe(null, Set.of(), StartAt.earliest(), 16).request(1_000);
    Map<Integer, List<Long>> all = offsets(400);
    assertThat(all.values()).allSatisfy(offsets -> assertThat(offsets).isSorted().doesNotHaveDuplicates().hasSize(200));
  }

  @Test
  void toleratesThatTheServerFailsAFewTimes() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    topic.fill(0, 0, 5);
    AtomicInteger failures = new AtomicInteger(3);
    server.faults(q -> q.line().contains("/partitions/") && failures.getAndDecrement() > 0 ? ScriptedHttp.Reply.error(500, "a bad day") : null);
    subscribe(null).request(100);
    assertThat(offsets(0, 5)).hasSize(5);
    failures.set(Integer.MAX_VALUE);
    assertThat(get(observed.end)).isInstanceOf(ServerErrorException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no JSON",
        "[]",
        "{}",
        "{\"messages\":7}",
        "{\"messages\":[7]}",
        "{\"messages\":[{\"offset\":0}]}",
        "{\"messages\":[{\"value\":\"v\"}]}",
        "{\"messages\":[{\"offset\":\"0\",\"value\":\"v\"}]}",
        "{\"messages\":[{\"offset\":0,\"value\":7}]}",
        "{\"messages\":[{\"offset\":0,\"value\":\"v\",\"timestamp\":\"yesterday\"}]}",
        "{\"messages\":[{\"offset\":0,\"value\":\"v\",\"priority\":\"urgent\"}]}",
        "{\"messages\":[{\"offset\":1,\"value\":\"v\"},{\"offset\":0,\"value\":\"v\"}]}",
        "{\"messages\":[],\"next_offset\":\"0\"}",
        "{\"messages\":[{\"offset\":0,\"value\":\"v\""
      })
  void aPageThatIsNoneEndsIt(String body) throws Exception {
    topic("orders", 1, 0, 5);
    server.on("GET /topics/orders/partitions/0/messages", q -> new ScriptedHttp.Reply(200, body));
    subscribe(null).request(10);
    assertThat(get(observed.end)).isInstanceOf(ProtocolViolationException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"name\":\"orders\",\"partitions\":0,\"partition_offsets\":{}}",
        "{\"name\":\"orders\",\"partitions\":1,\"partition_offsets\":{}}",
        "{\"name\":\"orders\",\"partitions\":\"1\",\"partition_offsets\":{}}",
        "{\"name\":\"orders\",\"partitions\":1,\"partition_offsets\":{\"x\":{\"earliest\":0,\"latest\":0}}}",
        "{\"name\":\"orders\",\"partitions\":1,\"partition_offsets\":{\"0\":{\"earliest\":0}}}"
      })
  void aTopicThatMakesNoSenseEndsIt(String body) throws Exception {
    server.on("GET /topics/orders", q -> new ScriptedHttp.Reply(200, body));
    subscribe(null).request(10);
    assertThat(get(observed.end)).isInstanceOf(ProtocolViolationException.class);
  }

  @Test
  void aTopicThatIsNotThereEndsIt() throws Exception {
    server.on("GET /topics/orders", q -> ScriptedHttp.Reply.error(404, "topic not found"));
    subscribe(null).request(10);
    assertThat(get(observed.end)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void partitionsThatAreNotThereEndIt() throws Exception {
    new PartitionedTopic(server, "orders", 2);
    subscribe(null, Set.of(1, 2), StartAt.earliest(), 10).request(10);
    assertThat(get(observed.end)).isInstanceOf(InvalidRequestException.class).hasMessageContaining("partition 2");
  }

  @Test
  void beginsAtATimeByLookingForIt() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    topic.fill(0, 0, 400);
    // Times are the offsets here; between 300 and 350 nothing is left.
    topic.remove(0, 300, 350);
    subscribe(null, Set.of(), StartAt.time(Instant.ofEpochSecond(310)), 10).request(2);
    assertThat(offsets(0, 2)).containsExactly(350L, 351L);
    assertThat(server.asked("GET /topics/orders/partitions/0/messages")).hasSizeLessThan(20);
  }

  @Test
  void beginsBehindEverythingIfTheTimeIsAhead() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    topic.fill(0, 0, 7);
    subscribe(null, Set.of(), StartAt.time(Instant.ofEpochSecond(1_000)), 10).request(2);
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.LIVE);
    topic.put(0, 7);
    assertThat(offsets(0, 1)).containsExactly(7L);
  }

  @Test
  void seeksAndPausesPartitionsApart() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 2);
    StreamSource source = subscribe(null);
    source.request(1_000);
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.LIVE);
    source.pause(Set.of(1));
    // It has paused when it has moved, which it was told later.
    get(source.seek(Map.of(1, StartAt.earliest()), soon()));
    topic.fill(1, 0, 3);
    topic.fill(0, 0, 3);
    assertThat(offsets(0, 3)).containsExactly(0L, 1L, 2L);
    assertThat(get(source.seek(Map.of(0, StartAt.offset(1), 1, StartAt.latest()), soon()))).isEqualTo(Map.of(0, 1L, 1, 3L));
    assertThat(offsets(0, 2)).containsExactly(1L, 2L);
    topic.put(1, 3);
    source.resume(Set.of(1));
    assertThat(offsets(1, 1)).containsExactly(3L);
    failure(source.seek(Map.of(2, StartAt.earliest()), soon()), InvalidRequestException.class);
    assertThatThrownBy(() -> source.commit(Map.of(0, 1L), soon())).isInstanceOf(InvalidRequestException.class).hasMessageContaining("group");
  }

  // The published server's delayed events.

  @Test
  void readsWhatBecomesDueBehindItAndCommitsNothingBeyondBefore() throws Exception {
    version("dev");
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    group(Set.of(0));
    topic.fill(0, 0, 2);
    topic.fill(0, 3, 6);
    topic.delay(0, 2, Instant.now().plusSeconds(3_600));
    BlockingQueue<JsonObject> commits = commits();
    StreamSource source = subscribe("g");
    source.request(1_000);
    assertThat(offsets(0, 5)).containsExactly(0L, 1L, 3L, 4L, 5L);
    get(source.commit(Map.of(0, 6L), soon()));
    assertThat(next(commits)).isEqualTo(new JsonObject().put("0", 2));
    assertThat(observed.places).isEmpty();
  }

  @Test
  void deliversItWhenItIsDueAndCommitsBeyondThen() throws Exception {
    version("dev");
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    group(Set.of(0));
    topic.fill(0, 0, 2);
    topic.fill(0, 3, 6);
    topic.delay(0, 2, Instant.now().plusMillis(200));
    BlockingQueue<JsonObject> commits = commits();
    StreamSource source = subscribe("g");
    source.request(1_000);
    assertThat(offsets(0, 5)).containsExactly(0L, 1L, 3L, 4L, 5L);
    get(source.commit(Map.of(0, 6L), soon()));
    assertThat(next(commits)).isEqualTo(new JsonObject().put("0", 2));
    topic.put(0, 2);
    assertThat(offsets(0, 1)).containsExactly(2L);
    get(source.commit(Map.of(0, 6L), soon()));
    assertThat(next(commits)).as("the late one is not processed yet").isEqualTo(new JsonObject().put("0", 2));
    // The application is at 3 now, and was at 6 before.
    get(source.commit(Map.of(0, 3L), soon()));
    assertThat(next(commits)).isEqualTo(new JsonObject().put("0", 6));
    topic.put(0, 6);
    assertThat(offsets(0, 1)).containsExactly(6L);
    get(source.commit(Map.of(0, 7L), soon()));
    assertThat(next(commits)).isEqualTo(new JsonObject().put("0", 7));
  }

  @Test
  void deliversWhatBecomesDueAtTheEnd() throws Exception {
    version("dev");
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    group(Set.of(0));
    topic.fill(0, 0, 2);
    for (int offset = 2; offset < 5; offset++) {
      topic.delay(0, offset, Instant.now().plusMillis(offset == 4 ? 200 : 3_600_000));
    }
    BlockingQueue<JsonObject> commits = commits();
    StreamSource source = subscribe("g");
    source.request(1_000);
    assertThat(offsets(0, 2)).containsExactly(0L, 1L);
    topic.put(0, 4);
    assertThat(offsets(0, 1)).containsExactly(4L);
    get(source.commit(Map.of(0, 5L), soon()));
    assertThat(next(commits)).isEqualTo(new JsonObject().put("0", 2));
    topic.put(0, 5);
    assertThat(offsets(0, 1)).containsExactly(5L);
  }

  @Test
  void deliversOnceWhatComesWhileItIsLookedUp() throws Exception {
    version("dev");
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    topic.fill(0, 0, 2);
    for (int offset = 2; offset < 5; offset++) {
      topic.delay(0, offset, Instant.now().plusSeconds(3_600));
    }
    server.faults(
        q -> {
          if (q.line().equals("GET /topics/orders/delayed")) {
            topic.put(0, 3);
            topic.put(0, 4);
          }
          return null;
        });
    StreamSource source = subscribe(null);
    source.request(1_000);
    assertThat(offsets(0, 4)).containsExactly(0L, 1L, 3L, 4L);
    topic.put(0, 5);
    assertThat(offsets(0, 1)).containsExactly(5L);
  }

  @Test
  void readsWhatLiesBehindMoreThanTheServerLooksAt() throws Exception {
    version("dev");
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    topic.looksNoFurther();
    for (int offset = 0; offset < 12_500; offset++) {
      topic.delay(0, offset, Instant.now().plusSeconds(3_600));
    }
    topic.put(0, 12_500);
    assertThat(get(streams().read(new ReadSpec(NAME, 0, 0, 10, 1 << 20), soon())).messages()).extracting(Message::offset).containsExactly(12_500L);
    subscribe(null).request(1_000);
    assertThat(offsets(0, 1)).containsExactly(12_500L);
    topic.fill(0, 3_000, 3_003);
    topic.put(0, 12_501);
    assertThat(offsets(0, 1)).containsExactly(12_501L);
  }

  @Test
  void holesThatStayEmptyHoldNothingUp() throws Exception {
    version("dev");
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    group(Set.of(0));
    topic.fill(0, 0, 2);
    topic.fill(0, 5, 8);
    BlockingQueue<JsonObject> commits = commits();
    StreamSource source = subscribe("g");
    source.request(1_000);
    assertThat(offsets(0, 5)).containsExactly(0L, 1L, 5L, 6L, 7L);
    JsonObject committed;
    do {
      get(source.commit(Map.of(0, 8L), soon()));
      committed = next(commits);
    } while (committed.getLong("0") < 8);
    assertThat(committed.getLong("0")).isEqualTo(8);
  }

  @Test
  void theDeclaredServerHasNoSuchHoles() throws Exception {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 1);
    topic.put(0, 0);
    topic.put(0, 5);
    subscribe(null).request(1_000);
    assertThat(offsets(0, 2)).containsExactly(0L, 5L);
    topic.put(0, 6);
    assertThat(offsets(0, 1)).containsExactly(6L);
    assertThat(server.asked("GET /topics/orders/delayed")).isEmpty();
  }

  // In a group.

  private final AtomicInteger generation = new AtomicInteger(1);
  private final AtomicInteger members = new AtomicInteger();
  private volatile Set<Integer> mine = Set.of();

  /** The group gives its member these partitions. */
  private void group(Set<Integer> partitions) {
    mine = partitions;
    server
        .on(
            "POST " + GROUP + "/join",
            q ->
                json(
                    new JsonObject()
                        .put("member_id", "m" + members.incrementAndGet())
                        .put("generation", generation.get())
                        .put("leader_id", "m1")
                        .put("partitions", new JsonArray(List.copyOf(mine)))
                        .put("members", new JsonArray().add("m" + members.get()))))
        .on(
            "POST " + GROUP + "/heartbeat",
            q ->
                q.json().getInteger("generation") == generation.get()
                    ? ScriptedHttp.Reply.ok("{'status':'ok'}")
                    : ScriptedHttp.Reply.error(409, "stale generation (rebalance occurred)"))
        .on("GET " + GROUP, q -> json(state()))
        .on("GET " + GROUP + "/offsets", "{'group_id':'g@orders','topics':{'orders':{'0':1,'1':1,'2':1}},'generation':1,'updated_at':'x'}")
        .on("POST " + GROUP + "/offsets", "{'status':'committed','group':'g@orders'}")
        .on("POST " + GROUP + "/leave", "{'status':'left'}");
  }

  private JsonObject state() {
    JsonObject member =
        new JsonObject()
            .put("id", "m" + members.get())
            .put("client_id", "tributary")
            .put("assigned_partitions", new JsonArray(List.copyOf(mine)));
    return new JsonObject()
        .put("id", "g@orders")
        .put("state", "Stable")
        .put("generation", generation.get())
        .put("topics", new JsonArray().add("orders"))
        .put("members", new JsonArray().add(member));
  }

  private static ScriptedHttp.Reply json(JsonObject body) {
    return new ScriptedHttp.Reply(200, body.encode());
  }

  private BlockingQueue<JsonObject> commits() {
    BlockingQueue<JsonObject> commits = new LinkedBlockingQueue<>();
    server
        .on("GET " + GROUP + "/offsets", "{'group_id':'g@orders','topics':{}}")
        .on(
            "POST " + GROUP + "/offsets",
            q -> {
              commits.add(q.json().getJsonObject("offsets").getJsonObject("orders"));
              return ScriptedHttp.Reply.ok("{'status':'committed'}");
            });
    return commits;
  }

  private StreamSource member() throws Exception {
    connect(config().option("heartbeat", "100ms"));
    StreamSource source = subscribe("g");
    source.request(1_000);
    return source;
  }

  private PartitionedTopic threeOfThree() {
    PartitionedTopic topic = new PartitionedTopic(server, "orders", 3);
    for (int partition = 0; partition < 3; partition++) {
      topic.fill(partition, 0, 3);
    }
    return topic;
  }

  @Test
  void beginsWhereTheGroupCommittedAndCommitsAsTheMember() throws Exception {
    threeOfThree();
    group(Set.of(0, 2));
    StreamSource source = member();
    assertThat(offsets(4)).isEqualTo(Map.of(0, List.of(1L, 2L), 2, List.of(1L, 2L)));
    get(source.commit(Map.of(0, 3L, 2, 3L), soon()));
    assertThat(server.asked("POST " + GROUP + "/offsets").get(0).json())
        .isEqualTo(
            new JsonObject("{\"member_id\":\"m1\",\"offsets\":{\"orders\":{\"0\":3,\"2\":3}}}"));
    failure(source.commit(Map.of(1, 3L), soon()), ConflictException.class);
    failure(source.commit(Map.of(1, 4L, 2, 4L), soon()), ConflictException.class);
    assertThat(server.asked("POST " + GROUP + "/offsets").get(1).json()).isEqualTo(new JsonObject("{\"member_id\":\"m1\",\"offsets\":{\"orders\":{\"2\":4}}}"));
    get(source.close());
    assertThat(server.asked("POST " + GROUP + "/leave")).hasSize(1);
    assertThat(get(observed.end)).isNull();
  }

  @Test
  void learnsOfARebalanceByItsHeartbeat() throws Exception {
    PartitionedTopic topic = threeOfThree();
    group(Set.of(0, 1, 2));
    member();
    assertThat(next(observed.assigned)).containsExactlyInAnyOrder(0, 1, 2);
    offsets(6);
    mine = Set.of(0);
    generation.set(2);
    assertThat(next(observed.revoked)).containsExactlyInAnyOrder(1, 2);
    topic.put(1, 3);
    topic.put(0, 3);
    assertThat(offsets(0, 1)).containsExactly(3L);
    mine = Set.of(0, 1);
    generation.set(3);
    assertThat(next(observed.assigned)).containsExactly(1);
    // From the committed offset on, and not from where it was read before.
    assertThat(offsets(1, 3)).containsExactly(1L, 2L, 3L);
    assertThat(server.asked("POST " + GROUP + "/join")).hasSize(1);
  }

  @Test
  void joinsAgainWhenTheServerForgotIt() throws Exception {
    PartitionedTopic topic = threeOfThree();
    group(Set.of(0));
    StreamSource source = member();
    assertThat(offsets(0, 2)).containsExactly(1L, 2L);
    AtomicInteger lost = new AtomicInteger(1);
    server.faults(
        q ->
            q.line().equals("POST " + GROUP + "/heartbeat") && lost.getAndDecrement() > 0
                ? ScriptedHttp.Reply.error(404, "group not found")
                : null);
    while (server.asked("POST " + GROUP + "/join").size() < 2) {
      assertThat(observed.end).isNotDone();
      Thread.onSpinWait();
    }
    topic.put(0, 3);
    assertThat(offsets(0, 1)).containsExactly(3L);
    while (true) {
      try {
        get(source.commit(Map.of(0, 4L), soon()));
        break;
      } catch (java.util.concurrent.ExecutionException joining) {
        assertThat(joining.getCause()).isInstanceOf(ConnectionFailedException.class);
      }
    }
    List<ScriptedHttp.Asked> commits = server.asked("POST " + GROUP + "/offsets");
    assertThat(commits.get(commits.size() - 1).json().getString("member_id")).isEqualTo("m2");
    assertThat(observed.revoked).isEmpty();
  }

  @Test
  void aCommitThatIsRefusedBringsTheNewsAtOnce() throws Exception {
    threeOfThree();
    group(Set.of(0, 1));
    connect(config().option("heartbeat", "10s"));
    StreamSource source = subscribe("g");
    source.request(1_000);
    offsets(4);
    mine = Set.of(0);
    generation.set(2);
    server.faults(
        q -> q.line().equals("POST " + GROUP + "/offsets") ? ScriptedHttp.Reply.error(403, "partition not assigned to this member") : null);
    // Whoever repeats it is told what was lost.
    failure(source.commit(Map.of(1, 3L), soon()), ConnectionFailedException.class);
    assertThat(observed.revoked.remove()).containsExactly(1);
    failure(source.commit(Map.of(1, 3L), soon()), ConflictException.class);
  }

  @Test
  void readsOnWhileHeartbeatsFail() throws Exception {
    PartitionedTopic topic = threeOfThree();
    group(Set.of(0));
    AtomicInteger beats = new AtomicInteger();
    server.faults(
        q ->
            q.line().equals("POST " + GROUP + "/heartbeat")
                ? beats.incrementAndGet() % 2 == 0 ? ScriptedHttp.Reply.BREAK : ScriptedHttp.Reply.error(500, "a bad day")
                : null);
    member();
    assertThat(offsets(0, 2)).containsExactly(1L, 2L);
    while (beats.get() < 4) {
      Thread.onSpinWait();
    }
    topic.put(0, 3);
    assertThat(offsets(0, 1)).containsExactly(3L);
    assertThat(observed.end).isNotDone();
  }

  @Test
  void aGroupOfATopicThatIsNotThereEndsIt() throws Exception {
    server.on("POST " + GROUP + "/join", q -> ScriptedHttp.Reply.error(404, "topic not found: orders"));
    member();
    assertThat(get(observed.end)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void closingDoesNotWaitForAServerThatIsSilent() throws Exception {
    threeOfThree();
    group(Set.of(0));
    StreamSource source = member();
    assertThat(offsets(0, 2)).containsExactly(1L, 2L);
    server.faults(q -> ScriptedHttp.Reply.SILENCE);
    get(source.close());
    assertThat(get(observed.end)).isNull();
  }

  @Test
  void groupsCanHaveTheirOwnNames() throws Exception {
    PartitionedTopic topic = threeOfThree();
    topic.fill(0, 0, 1);
    server.on("POST /groups/g/join", "{'member_id':'m1','generation':1,'partitions':[0],'members':['m1']}");
    server.on("GET /groups/g/offsets", "{'group_id':'g','topics':{}}");
    server.on("POST /groups/g/leave", "{'status':'left'}");
    connect(config().option("group-names", "plain"));
    subscribe("g").request(1);
    assertThat(offsets(0, 1)).containsExactly(0L);
  }

  // In a group whose partitions move one by one.

  @Test
  void givesUpWhatOthersWaitForAndReadsWhatItGets() throws Exception {
    PartitionedTopic topic = threeOfThree();
    group(Set.of());
    BlockingQueue<String> heartbeats = new LinkedBlockingQueue<>();
    heartbeats.add(assigned(1, "none", 0, 1));
    server.on("POST " + GROUP + "/join/cooperative", "{'member_id':'m1','generation':1,'rebalance_required':true,'protocol':'cooperative'}");
    server.on("POST " + GROUP + "/leave/cooperative", "{'status':'left'}");
    server.on("POST " + GROUP + "/revoke", "{'status':'acknowledged','pending_count':0,'rebalance_state':'pending_assign'}");
    server.on(
        "POST " + GROUP + "/heartbeat/cooperative",
        q -> {
          String script = heartbeats.size() > 1 ? heartbeats.poll() : heartbeats.peek();
          return new ScriptedHttp.Reply(200, script.replace('\'', '"'));
        });
    connect(config().option("heartbeat", "100ms").option("rebalance", "cooperative"));
    StreamSource source = subscribe("g");
    source.request(1_000);
    assertThat(next(observed.assigned)).containsExactlyInAnyOrder(0, 1);
    offsets(4);
    heartbeats.add(
        "{'rebalance_required':true,'partitions_to_revoke':[{'topic':'orders','partition':1}],'generation':1,'protocol':'cooperative','state':'pending_revoke'}");
    heartbeats.add(assigned(2, "pending_assign", 0, 2));
    assertThat(next(observed.revoked)).containsExactly(1);
    assertThat(next(observed.assigned)).containsExactly(2);
    assertThat(offsets(2, 2)).containsExactly(1L, 2L);
    topic.put(0, 3);
    assertThat(offsets(0, 1)).containsExactly(3L);
    assertThat(server.asked("POST " + GROUP + "/revoke").get(0).json().getJsonArray("revoked_partitions"))
        .isEqualTo(new JsonArray("[{\"topic\":\"orders\",\"partition\":1}]"));
    get(source.close());
    assertThat(server.asked("POST " + GROUP + "/leave/cooperative")).hasSize(1);
  }

  @Test
  void sendsAVisitorWhenThePartitionsOfADeadMemberAreNobodys() throws Exception {
    threeOfThree();
    group(Set.of());
    server.on("POST " + GROUP + "/join/cooperative", "{'member_id':'m1','generation':1,'rebalance_required':true,'protocol':'cooperative'}");
    server.on("POST " + GROUP + "/heartbeat/cooperative", assigned(1, "pending_assign", 0, 1));
    BlockingQueue<String> left = new LinkedBlockingQueue<>();
    server.on(
        "POST " + GROUP + "/leave/cooperative",
        q -> {
          left.add(q.json().getString("member_id"));
          return new ScriptedHttp.Reply(200, "{\"status\":\"left\"}");
        });
    server.on(
        "GET " + GROUP + "/cooperative",
        q -> {
          server.on("POST " + GROUP + "/join/cooperative", "{'member_id':'m3','generation':2,'rebalance_required':true,'protocol':'cooperative'}");
          return new ScriptedHttp.Reply(
              200,
              "{'members':[{'id':'m1'},{'id':'m2'}],'member_assignments':{'m1':[],'m2':[],'m0':[{'topic':'orders','partition':2}]}}"
                  .replace('\'', '"'));
        });
    connect(config().option("heartbeat", "100ms").option("rebalance", "cooperative"));
    StreamSource source = subscribe("g");
    source.request(1_000);
    assertThat(next(left)).as("the visitor").isEqualTo("m3");
    assertThat(observed.revoked).as("nobody else moves").isEmpty();
    get(source.close());
  }

  private static String assigned(int generation, String state, int... partitions) {
    JsonArray pairs = new JsonArray();
    for (int partition : partitions) {
      pairs.add(new JsonObject().put("topic", "orders").put("partition", partition));
    }
    return new JsonObject()
        .put("rebalance_required", false)
        .put("partitions_assigned", pairs)
        .put("generation", generation)
        .put("protocol", "cooperative")
        .put("state", state)
        .encode();
  }
}
