package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers in front of one engine are one to their clients: what is with whom is known where the messages are. */
@Timeout(60)
class TwoServersTest {
  private static final int JOBS = 200;

  private final VirtualTime time = new VirtualTime();
  private final MemoryEngine engine = MemoryEngine.builder().time(time).createOnFirstUse(false).build();
  private final EmbeddedServer one = server();
  private final EmbeddedServer other = server();
  private final ConsumerClient atOne = new ConsumerClient(one, time);
  private final ConsumerClient atOther = new ConsumerClient(other, time);

  private EmbeddedServer server() {
    return EmbeddedServer.goqueue().transport(engine.connect()).time(time).start();
  }

  @BeforeEach
  void create() {
    atOne.client.create("orders", 1);
  }

  @AfterEach
  void stop() {
    one.close();
    other.close();
    engine.close();
  }

  private static JsonObject poll(ConsumerClient at, String member) {
    List<JsonObject> messages = at.messages("g", member, "&max_messages=1");
    assertThat(messages).hasSize(1);
    return messages.get(0);
  }

  /** Two at each server, all at once: every job is leased once, and acked through whichever server comes next. */
  @Test
  void neverLeaseAJobTwice() {
    atOne.client.publish("orders", IntStream.range(0, JOBS).mapToObj(i -> GoQueueClient.message("j" + i)).toArray(JsonObject[]::new));
    Queue<String> leased = new ConcurrentLinkedQueue<>();
    List<CompletableFuture<Void>> working = new ArrayList<>();
    for (ConsumerClient at : List.of(atOne, atOther)) {
      String member = at.member("g", "worker", "orders");
      ConsumerClient acks = at == atOne ? atOther : atOne;
      for (int i = 0; i < 2; i++) {
        working.add(CompletableFuture.runAsync(() -> work(at, acks, member, leased)));
      }
    }
    CompletableFuture.allOf(working.toArray(CompletableFuture[]::new)).join();
    assertThat(leased).hasSize(JOBS).doesNotHaveDuplicates();
    assertThat(atOne.committed("orders", "g")).hasValue(JOBS);
  }

  private static void work(ConsumerClient at, ConsumerClient acks, String member, Queue<String> leased) {
    for (List<JsonObject> jobs = at.messages("g", member, "&max_messages=3");
        !jobs.isEmpty();
        jobs = at.messages("g", member, "&max_messages=3")) {
      for (JsonObject job : jobs) {
        leased.add(job.getString("value"));
        assertThat(acks.ack(job).getBoolean("success")).isTrue();
      }
    }
  }

  @Test
  void settleWhatTheOtherHandedOut() {
    String first = atOne.member("g", "a", "orders");
    String second = atOther.member("g", "b", "orders");
    atOne.add("orders", "done", "again", "bad", "long");
    JsonObject done = poll(atOne, first);
    JsonObject again = poll(atOne, first);
    JsonObject bad = poll(atOne, first);
    JsonObject slow = poll(atOne, first);
    assertThat(atOther.ack(done).getLong("committed_offset")).isEqualTo(1);
    assertThat(atOther.nack(again, "0s").getInteger("delivery_count")).isEqualTo(2);
    assertThat(poll(atOther, second).getString("receipt_handle")).as("attempts are counted together").startsWith("orders:0:1:2:");
    atOther.reject(bad, "cannot read it");
    assertThat(atOne.client.values("orders.dlq", 0, 0)).isEqualTo(atOther.client.values("orders.dlq", 0, 0));
    assertThat(atOne.deadLetters("orders.dlq"))
        .singleElement()
        .satisfies(letter -> assertThat(letter.consumer()).isEqualTo(first));
    atOther.client.json.post("/messages/visibility", ConsumerClient.receipt(slow).put("extension_seconds", 40));
    time.advance(Duration.ofSeconds(29));
    assertThat(atOne.client.json.get("/reliability/stats")).isEqualTo(atOther.client.json.get("/reliability/stats"));
    assertThat(atOne.client.error(500, "POST", "/messages/ack", ConsumerClient.receipt(done).encode()))
        .isEqualTo("ack failed: receipt handle not found");
  }

  @Test
  void wakeWhoWaitsAtTheOther() throws Exception {
    String first = atOne.member("g", "a", "orders");
    String second = atOther.member("g", "b", "orders");
    CompletableFuture<HttpResponse<String>> polling = atOther.pollLater("g", second, "&timeout=20s");
    atOne.client.publish("orders", GoQueueClient.message("now"));
    assertThat(polling.get().body()).contains("now");
    assertThat(atOne.values("g", first)).isEmpty();
  }

  @Test
  void goOnWhereOneIsGone() {
    atOne.add("orders", "job");
    JsonObject job = poll(atOne, atOne.member("g", "a", "orders"));
    one.stop();
    String heir = atOther.member("g", "b", "orders");
    assertThat(atOther.values("g", heir)).as("its lease goes on").isEmpty();
    time.advance(Duration.ofSeconds(20));
    atOther.heartbeat("g", heir);
    time.advance(Duration.ofSeconds(10));
    assertThat(poll(atOther, heir).getString("receipt_handle")).startsWith("orders:0:0:2:");
    assertThat(atOther.client.error(500, "POST", "/messages/ack", ConsumerClient.receipt(job).encode()))
        .isEqualTo("ack failed: receipt handle not found");
  }
}
