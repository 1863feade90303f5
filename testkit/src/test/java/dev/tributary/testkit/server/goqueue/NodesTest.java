package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes of one cluster know the same members, transactions, schemas and keys, whichever was told. */
@Timeout(60)
class NodesTest {
  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer one = EmbeddedServer.goqueue().transport(engine.connect()).time(time).start();
  private final EmbeddedServer other = EmbeddedServer.goqueue().nodeOf(one).time(time).start();
  private final ConsumerClient atOne = new ConsumerClient(one, time);
  private final ConsumerClient atOther = new ConsumerClient(other, time);

  @BeforeEach
  void create() {
    atOne.client.create("orders", 2);
  }

  @AfterEach
  void stop() {
    other.close();
    one.close();
    engine.close();
  }

  private static Set<String> partitions(ConsumerClient at, String member) {
    return at.poll("g", member, "").getJsonObject("messages").fieldNames();
  }

  private void oneInEach() {
    for (String partition : List.of("0", "1")) {
      atOne.client.publish("orders", GoQueueClient.message("of " + partition).put("partition", Integer.parseInt(partition)));
    }
  }

  @Test
  void divideThePartitionsAmongAllMembers() {
    String first = atOne.member("g", "a", "orders");
    String second = atOther.member("g", "b", "orders");
    oneInEach();
    assertThat(partitions(atOther, first)).as("wherever it polls").hasSize(1).doesNotContainAnyElementsOf(partitions(atOne, second));
  }

  @Test
  void goOnWithTheMembersOfANodeThatIsGone() {
    String member = atOne.member("g", "a", "orders");
    String silent = atOne.member("g", "b", "orders");
    oneInEach();
    one.stop();
    time.advance(Duration.ofSeconds(20));
    atOther.heartbeat("g", member);
    Set<String> own = partitions(atOther, member);
    assertThat(own).hasSize(1);
    time.advance(Duration.ofSeconds(11));
    assertThat(partitions(atOther, member)).as("those of %s, of whom nothing was heard", silent).hasSize(1).doesNotContainAnyElementsOf(own);
  }

  @Test
  void wakeWhoWaitsForPartitionsAtTheOther() throws Exception {
    String first = atOne.member("g", "a", "orders");
    String second = atOther.member("g", "b", "orders");
    oneInEach();
    partitions(atOther, second);
    CompletableFuture<HttpResponse<String>> polling = atOther.pollLater("g", second, "&timeout=20s");
    atOne.client.json.post("/groups/g/leave", new JsonObject().put("member_id", first));
    assertThat(polling.get().body()).contains("of ");
  }

  @Test
  void commitWhatWasBegunAtTheOther() {
    JsonObject told = atOne.client.json.post("/producers/init", new JsonObject().put("transactional_id", "p"));
    JsonObject producer =
        new JsonObject().put("producer_id", told.getLong("producer_id")).put("epoch", told.getInteger("epoch")).put("transactional_id", "p");
    atOne.client.json.post("/transactions/begin", producer);
    JsonObject event = producer.copy().put("topic", "orders").put("partition", 0).put("sequence", 0).put("value", "v");
    atOther.client.json.post("/transactions/publish", event);
    assertThat(atOne.client.values("orders", 0, 0)).isEmpty();
    atOther.client.json.post("/transactions/commit", producer);
    assertThat(atOne.client.values("orders", 0, 0)).containsExactly("v");
  }

  @Test
  void traceWhatTheOtherStored() {
    atOne.client.publish("orders", GoQueueClient.message("v"));
    JsonArray traces = atOther.client.json.get("/traces?topic=orders").getJsonArray("traces");
    assertThat(traces).hasSize(1);
  }
}
