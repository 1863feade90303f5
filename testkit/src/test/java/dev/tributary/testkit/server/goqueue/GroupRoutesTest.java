package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.stream.Event;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The routes of groups over real sockets. */
@Timeout(60)
class GroupRoutesTest {
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
    client.create("single", 1);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void tellsOfMembersAndWhatTheyRead() {
    JsonObject first = consumer.join("g", "b", "orders");
    String b = first.getString("member_id");
    assertThat(first)
        .isEqualTo(
            new JsonObject()
                .put("member_id", b)
                .put("generation", 1)
                .put("leader_id", b)
                .put("partitions", new JsonArray().add(0).add(1))
                .put("members", new JsonArray().add(b)));
    time.advance(Duration.ofMillis(1_500));
    JsonObject second = consumer.join("g", "a", "orders");
    String a = second.getString("member_id");
    assertThat(second)
        .isEqualTo(
            new JsonObject()
                .put("member_id", a)
                .put("generation", 2)
                .put("leader_id", b)
                .put("partitions", new JsonArray().add(0))
                .put("members", new JsonArray().add(a).add(b)));
    String c = consumer.member("g", "c", "orders");
    assertThat(client.json.get("/groups/g"))
        .isEqualTo(
            new JsonObject()
                .put("id", "g")
                .put("state", "Stable")
                .put("generation", 3)
                .put("topics", new JsonArray().add("orders"))
                .put(
                    "members",
                    new JsonArray()
                        .add(member(a, "a", new JsonArray().add(0), "2030-01-01T00:00:01Z"))
                        .add(member(b, "b", new JsonArray().add(1), "2030-01-01T00:00:00Z"))
                        .add(member(c, "c", null, "2030-01-01T00:00:01Z")))
                .put("created_at", "2030-01-01T00:00:00Z"));
    consumer.join("f", "a", "single");
    assertThat(client.json.get("/groups/"))
        .isEqualTo(
            new JsonObject()
                .put(
                    "groups",
                    new JsonArray()
                        .add(listed("f", 1, 1, "single"))
                        .add(listed("g", 3, 3, "orders"))));
  }

  private static JsonObject member(String id, String clientId, JsonArray partitions, String at) {
    return new JsonObject()
        .put("id", id)
        .put("client_id", clientId)
        .put("assigned_partitions", partitions)
        .put("last_heartbeat", at)
        .put("joined_at", at);
  }

  private static JsonObject listed(String id, int members, int generation, String topic) {
    return new JsonObject()
        .put("id", id)
        .put("state", "Stable")
        .put("members", members)
        .put("generation", generation)
        .put("topics", new JsonArray().add(topic));
  }

  @Test
  void letsMembersGo() {
    String a = consumer.member("g", "a", "orders");
    JsonObject gone = new JsonObject().put("member_id", a);
    assertThat(client.json.post("/groups/g/leave", gone)).isEqualTo(new JsonObject().put("status", "left"));
    assertThat(client.error(404, "POST", "/groups/g/leave", gone.encode())).isEqualTo("member not found");
    JsonObject empty = client.json.get("/groups/g");
    assertThat(empty.getString("state")).isEqualTo("Empty");
    assertThat(empty.getInteger("generation")).isEqualTo(2);
  }

  @Test
  void hearsOfMembersOrForgetsThem() {
    String a = consumer.member("g", "a", "orders");
    String b = consumer.member("g", "b", "orders");
    time.advance(Duration.ofSeconds(20));
    consumer.heartbeat("g", a);
    assertThat(client.json.get("/groups/g").getJsonArray("members").getJsonObject(0).getString("last_heartbeat"))
        .isEqualTo("2030-01-01T00:00:20Z");
    time.advance(Duration.ofSeconds(10));
    JsonObject stale = new JsonObject().put("member_id", a).put("generation", 2);
    assertThat(client.error(409, "POST", "/groups/g/heartbeat", stale.encode())).isEqualTo("stale generation (rebalance occurred)");
    assertThat(client.error(404, "POST", "/groups/g/heartbeat", new JsonObject().put("member_id", b).encode()))
        .isEqualTo("member not found (may have been evicted)");
    time.advance(Duration.ofSeconds(20));
    assertThat(client.json.get("/groups/g").getString("state")).as("what is stale is not heard").isEqualTo("Empty");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|POST|/groups/g/join|{}|client_id is required",
        "400|POST|/groups/g/join|{'client_id':'c'}|at least one topic is required",
        "400|POST|/groups/g/join|{'client_id':'c','topics':[]}|at least one topic is required",
        "404|POST|/groups/g/join|{'client_id':'c','topics':['orders','none']}|topic not found: none",
        "400|POST|/groups/g/heartbeat|{}|member_id is required",
        "404|POST|/groups/none/heartbeat|{'member_id':'m'}|group not found",
        "400|POST|/groups/g/leave|{}|member_id is required",
        "404|POST|/groups/none/leave|{'member_id':'m'}|group not found",
        "404|GET|/groups/none||group not found",
        "404|DELETE|/groups/none||group not found",
        "400|GET|/groups/g/poll||member_id query param is required",
        "400|GET|/groups/g/poll?member_id=m&generation=x||invalid generation",
        "400|GET|/groups/g/poll?member_id=m&timeout=10||invalid timeout format (use Go duration like 30s)",
        "400|GET|/groups/g/poll?member_id=m&limit=0||invalid limit",
        "400|GET|/groups/g/poll?member_id=m&limit=x||invalid limit",
        "400|GET|/groups/g/poll?member_id=m&max_messages=0||invalid max_messages",
        "400|GET|/groups/g/poll?member_id=m&visibility=10||invalid visibility format (use Go duration like 30s)",
        "400|GET|/groups/g/poll?member_id=m&visibility=0s||invalid visibility format (use Go duration like 30s)",
        "404|GET|/groups/none/poll?member_id=m||group not found",
        "404|GET|/groups/g/poll?member_id=m||member not found",
        "400|POST|/groups/g/offsets|{}|member_id is required",
        "400|POST|/groups/g/offsets|{'member_id':'m'}|offsets are required",
        "400|POST|/groups/g/offsets|{'member_id':'m','offsets':{'orders':{'x':1}}}|invalid partition ID: x",
        "404|POST|/groups/none/offsets|{'member_id':'m','offsets':{'orders':{'0':1}}}|group not found",
        "403|POST|/groups/g/offsets|{'member_id':'m','offsets':{'orders':{'0':1}}}|partition not assigned to this member",
      })
  void refuses(int status, String method, String path, String body, String text) {
    consumer.join("g", "a", "orders");
    assertThat(client.error(status, method, path, body == null ? null : body.replace('\'', '"'))).isEqualTo(text);
  }

  @Test
  void pollsWhatIsThere() {
    consumer.add("orders", Event.builder("one".getBytes(StandardCharsets.UTF_8)).partition(0).key("k").build());
    time.advance(Duration.ofMillis(1_250));
    consumer.add("orders", Event.builder("two".getBytes(StandardCharsets.UTF_8)).partition(1).build());
    String member = consumer.member("g", "a", "orders");
    JsonObject polled = consumer.poll("g", member, "");
    JsonObject one = polled.getJsonObject("messages").getJsonArray("0").getJsonObject(0);
    JsonObject two = polled.getJsonObject("messages").getJsonArray("1").getJsonObject(0);
    assertThat((String) one.remove("receipt_handle")).matches("orders:0:0:1:[0-9a-f]{16}");
    assertThat((String) two.remove("receipt_handle")).matches("orders:1:0:1:[0-9a-f]{16}");
    assertThat(polled)
        .isEqualTo(
            new JsonObject()
                .put(
                    "messages",
                    new JsonObject()
                        .put(
                            "0",
                            new JsonArray()
                                .add(
                                    new JsonObject()
                                        .put("offset", 0)
                                        .put("timestamp", "2030-01-01T00:00:00Z")
                                        .put("key", "k")
                                        .put("value", "one")))
                        .put(
                            "1",
                            new JsonArray()
                                .add(new JsonObject().put("offset", 0).put("timestamp", "2030-01-01T00:00:01.25Z").put("value", "two"))))
                .put("next_offset", new JsonObject().put("0", 1).put("1", 1)));
    assertThat(consumer.poll("g", member, ""))
        .as("it has them")
        .isEqualTo(new JsonObject().put("messages", new JsonObject()).put("next_offset", new JsonObject()));
  }

  @Test
  void pollsNoMoreThanIsAskedFor() {
    for (int i = 0; i < 150; i++) {
      consumer.add("orders", Event.builder(new byte[] {'v'}).partition(i % 2).build());
    }
    String member = consumer.member("g", "a", "orders");
    JsonObject five = consumer.poll("g", member, "&limit=5").getJsonObject("messages");
    assertThat(five.getJsonArray("0")).hasSize(5);
    assertThat(five.getJsonArray("1")).hasSize(5);
    JsonObject seven = consumer.poll("g", member, "&max_messages=7").getJsonObject("messages");
    assertThat(seven.getJsonArray("0").size() + seven.getJsonArray("1").size()).isEqualTo(7);
    JsonObject rest = consumer.poll("g", member, "&limit=9999").getJsonObject("messages");
    assertThat(rest.getJsonArray("0").size() + rest.getJsonArray("1").size()).isEqualTo(133);
  }

  @Test
  void handsOutForAsLongAsIsAskedFor() {
    consumer.add("single", "work");
    String member = consumer.member("g", "a", "single");
    assertThat(consumer.messages("g", member, "&visibility=1.5s")).hasSize(1);
    consumer.time.advance(Duration.ofMillis(1_499));
    assertThat(consumer.messages("g", member, "&timeout=0s")).isEmpty();
    consumer.time.advance(Duration.ofMillis(1));
    assertThat(consumer.messages("g", member, "&timeout=0s")).hasSize(1);
  }

  @Test
  void pollsTheHighestPriorityFirstAndLosesNothing() {
    for (int priority : new int[] {0, -2, 2, 0, 1}) {
      consumer.add("single", Event.builder(Integer.toString(priority).getBytes(StandardCharsets.UTF_8)).priority(priority).build());
    }
    String member = consumer.member("g", "a", "single");
    assertThat(ConsumerClient.values(consumer.messages("g", member, "&limit=2"))).containsExactly("2", "1");
    List<JsonObject> rest = consumer.messages("g", member, "");
    assertThat(ConsumerClient.values(rest)).containsExactly("0", "0", "-2");
    assertThat(rest).extracting(message -> message.getString("priority")).containsExactly(null, null, "background");
  }

  @Test
  void checksTheGenerationOnlyIfOneIsGiven() {
    String a = consumer.member("g", "a", "orders");
    consumer.join("g", "b", "orders");
    consumer.poll("g", a, "");
    consumer.poll("g", a, "&generation=0");
    consumer.poll("g", a, "&generation=2");
    assertThat(client.error(409, "GET", "/groups/g/poll?generation=1&member_id=" + a, null))
        .isEqualTo("stale generation (rebalance occurred)");
  }

  @Test
  void isWokenByWhatIsPublishedHere() throws Exception {
    String member = consumer.member("g", "a", "single");
    CompletableFuture<HttpResponse<String>> polling = consumer.pollLater("g", member, "&timeout=20s");
    client.publish("single", GoQueueClient.message("now"));
    assertThat(polling.get().body()).contains("now");
  }

  @Test
  void isWokenByWhatIsNackedWhenItsTimeHasCome() throws Exception {
    String member = consumer.member("g", "a", "single");
    client.publish("single", GoQueueClient.message("now"));
    consumer.nack(consumer.messages("g", member, "").get(0), "1010ms");
    CompletableFuture<HttpResponse<String>> polling = consumer.pollLater("g", member, "&timeout=20s");
    time.advance(Duration.ofMillis(1_010));
    assertThat(polling.get().body()).contains("now");
  }

  @Test
  void waitsForWhatComesByWhateverWay() throws Exception {
    String member = consumer.member("g", "a", "single");
    CompletableFuture<HttpResponse<String>> polling = consumer.pollLater("g", member, "&timeout=20s");
    consumer.add("single", "late");
    assertThat(polling.get().body()).contains("late");
  }

  @Test
  void waitsAsLongAsItIsTold() throws Exception {
    String member = consumer.member("g", "a", "single");
    CompletableFuture<HttpResponse<String>> polling = consumer.pollLater("g", member, "&timeout=1050ms");
    time.advance(Duration.ofMillis(1_049));
    assertThat(polling).isNotDone();
    time.advance(Duration.ofMillis(1));
    assertThat(polling.get().body()).isEqualTo("{\"messages\":{},\"next_offset\":{}}\n");
  }

  @Test
  void waitsForAMinuteAtMostAndHalfOfThatIfItIsNotTold() throws Exception {
    String member = consumer.member("g", "a", "single");
    CompletableFuture<HttpResponse<String>> usual = consumer.pollLater("g", member, "");
    CompletableFuture<HttpResponse<String>> longest = consumer.pollLater("g", member, "&timeout=2h");
    time.advance(Duration.ofSeconds(20));
    consumer.heartbeat("g", member);
    time.advance(Duration.ofSeconds(10));
    assertThat(usual.get().statusCode()).isEqualTo(200);
    time.advance(Duration.ofSeconds(15));
    consumer.heartbeat("g", member);
    time.advance(Duration.ofMillis(14_999));
    assertThat(longest).isNotDone();
    time.advance(Duration.ofMillis(1));
    assertThat(longest.get().statusCode()).isEqualTo(200);
  }

  @Test
  void waitsForPartitionsThatAreHandedOnMeanwhile() throws Exception {
    String a = consumer.member("g", "a", "single");
    String b = consumer.member("g", "b", "single");
    consumer.add("single", "one");
    CompletableFuture<HttpResponse<String>> polling = consumer.pollLater("g", b, "&timeout=20s");
    client.json.post("/groups/g/leave", new JsonObject().put("member_id", a));
    assertThat(polling.get().body()).contains("one");
  }

  @Test
  void tellsWhoWaitsThatItIsOutOrItsGroupIsGone() throws Exception {
    String member = consumer.member("g", "a", "single");
    CompletableFuture<HttpResponse<String>> polling = consumer.pollLater("g", member, "&timeout=20s");
    assertThat(client.json.expect(200, "DELETE", "/groups/g", null)).isEqualTo(new JsonObject().put("deleted", true).put("group", "g"));
    assertThat(polling.get().statusCode()).isEqualTo(404);
    assertThat(polling.get().body()).contains("group not found");
    String again = consumer.member("g", "a", "single");
    client.json.expect(200, "DELETE", "/topics/single", null);
    assertThat(client.error(404, "GET", "/groups/g/poll?timeout=0&member_id=" + again, null)).isEqualTo("topic not found: single");
  }

  @Test
  void givesBackWhatItsClientDidNotWaitFor() throws IOException {
    String gone = consumer.member("g", "a", "single");
    int before = time.pendingTimers();
    consumer.pollOnce("g", gone, "&timeout=20s").close();
    while (time.pendingTimers() > before) {
      Thread.onSpinWait();
    }
    consumer.add("single", "one");
    time.advance(Duration.ofSeconds(1));
    assertThat(consumer.messages("g", gone, "")).singleElement().satisfies(
        message -> assertThat(message.getString("receipt_handle")).startsWith("single:0:0:1:"));
  }

  @Test
  void keepsHowFarAGroupIs() {
    String member = consumer.member("g", "a", "orders");
    assertThat(client.json.get("/groups/g/offsets")).isEqualTo(new JsonObject().put("group_id", "g").put("topics", new JsonObject()));
    assertThat(client.json.get("/groups/none/offsets"))
        .isEqualTo(new JsonObject().put("group_id", "none").put("topics", new JsonObject()));
    assertThat(consumer.commit("g", member, "orders", 3))
        .isEqualTo(
            new JsonObject()
                .put("status", "committed")
                .put("group", "g")
                .put("offsets", new JsonObject().put("orders", new JsonObject().put("0", 3))));
    consumer.commit("g", member, "orders", -5);
    assertThat(consumer.committed("orders", "g")).hasValue(3);
    JsonObject expected =
        new JsonObject()
            .put("group_id", "g")
            .put("topics", new JsonObject().put("orders", new JsonObject().put("0", 3)))
            .put("generation", 1)
            .put("updated_at", "2030-01-01T00:00:00Z");
    assertThat(client.json.get("/groups/g/offsets?topic=ignored")).isEqualTo(expected);
    consumer.add("orders", "zero", "one", "two", "three", "four");
    assertThat(consumer.values("g", member)).containsExactly("three", "four");
    consumer.commit("g", member, "orders", 1);
    assertThat(consumer.values("g", member)).as("back, but not what somebody has").containsExactly("one", "two");
    assertThat(client.error(404, "POST", "/groups/g/offsets", ConsumerClient.offsets(member, "none", "0", 1).encode()))
        .isEqualTo("topic not found: none");
  }

  @Test
  void outlivesARestart() {
    String member = consumer.member("g", "a", "single");
    consumer.add("single", "one", "two");
    JsonObject one = consumer.messages("g", member, "&limit=1").get(0);
    server.stop();
    server.start();
    assertThat(client.json.get("/groups/g").getInteger("generation")).isEqualTo(1);
    consumer.heartbeat("g", member);
    assertThat(consumer.ack(one).getLong("committed_offset")).isEqualTo(1);
    assertThat(consumer.values("g", member)).containsExactly("two");
  }

  @Test
  void deletesAGroupWithAllThatIsKnownOfIt() {
    String member = consumer.member("g", "a", "single");
    consumer.add("single", "one");
    JsonObject one = consumer.messages("g", member, "").get(0);
    consumer.commit("g", member, "single", 1);
    client.json.expect(200, "DELETE", "/groups/g", null);
    assertThat(consumer.committed("single", "g")).isEmpty();
    assertThat(client.json.get("/groups/g/offsets").getJsonObject("topics")).isEmpty();
    assertThat(client.error(500, "POST", "/messages/ack", ConsumerClient.receipt(one).encode()))
        .isEqualTo("ack failed: receipt handle not found");
    assertThat(consumer.values("g", consumer.member("g", "a", "single"))).containsExactly("one");
  }

  @Test
  void readsTheTopicThatItsFirstMemberNamed() {
    consumer.join("g", "a", "single");
    assertThat(consumer.join("g", "b", "orders").getJsonArray("partitions")).isEmpty();
    assertThat(client.json.get("/groups/g").getJsonArray("topics")).containsExactly("single");
  }

  @Test
  void forgetsWhatItKnowsOfATopicThatWasDeletedElsewhere() {
    String member = consumer.member("g", "a", "single");
    consumer.add("single", "old");
    JsonObject old = consumer.messages("g", member, "").get(0);
    consumer.delete("single");
    assertThat(client.error(404, "GET", "/groups/g/poll?timeout=0&member_id=" + member, null)).isEqualTo("topic not found: single");
    client.create("single", 1);
    consumer.add("single", "new");
    assertThat(client.error(500, "POST", "/messages/ack", ConsumerClient.receipt(old).encode()))
        .isEqualTo("ack failed: receipt handle not found");
    assertThat(consumer.values("g", member)).containsExactly("new");
  }

  @Test
  void beginsAtTheBeginningOfATopicThatWasMadeAnew() {
    String member = consumer.member("g", "a", "single");
    consumer.add("single", "old");
    JsonObject old = consumer.messages("g", member, "").get(0);
    client.json.expect(200, "DELETE", "/topics/single", null);
    client.create("single", 1);
    consumer.add("single", "new");
    assertThat(client.error(500, "POST", "/messages/ack", ConsumerClient.receipt(old).encode()))
        .isEqualTo("ack failed: receipt handle not found");
    assertThat(consumer.values("g", member)).containsExactly("new");
  }
}
