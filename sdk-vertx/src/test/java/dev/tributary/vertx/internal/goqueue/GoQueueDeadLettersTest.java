package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.vertx.internal.envelope.Envelope;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoQueueDeadLettersTest extends GoQueueTest {
  private static final String GROUP = "/groups/tributary-dead-letters@orders.dlq";
  private PartitionedTopic orders;
  private PartitionedTopic dead;

  @BeforeEach
  void died() {
    orders = new PartitionedTopic(server, "orders", 2);
    dead = new PartitionedTopic(server, "orders.dlq", 2);
    version("tributary test");
    server.on("GET " + GROUP + "/offsets", "{'group_id':'g','topics':{}}");
  }

  private DeadLetterTransport letters() throws Exception {
    return streams().deadLetters();
  }

  private static String record(int partition, long offset, String key, String value, String error, int minute) {
    Instant at = Instant.parse("2030-01-02T03:00:00Z").plusSeconds(60L * minute);
    return new DeadLetterRecord(
            "orders",
            partition,
            offset,
            at,
            key == null ? null : key.getBytes(StandardCharsets.UTF_8),
            value.getBytes(StandardCharsets.UTF_8),
            3,
            at,
            at,
            "m1",
            "workers@orders",
            DeadLetterRecord.REJECTED,
            error,
            at)
        .json();
  }

  private static String value(DeadLetter<byte[]> letter) {
    return new String(letter.value(), StandardCharsets.UTF_8);
  }

  private List<String> listed(int max) throws Exception {
    return get(letters().list(NAME, max, soon())).stream().map(GoQueueDeadLettersTest::value).toList();
  }

  @Test
  void listsTheOldestOfAllPartitionsFirst() throws Exception {
    dead.put(0, 0, record(0, 4, null, "b", null, 2));
    dead.put(0, 3, record(0, 5, null, "d", null, 4));
    dead.put(1, 0, record(1, 4, "k", new String(Envelope.text("a".getBytes(StandardCharsets.UTF_8), Map.of("h", "v")), StandardCharsets.UTF_8), "no such customer", 1));
    dead.put(1, 1, record(1, 5, null, "c", null, 3));
    List<DeadLetter<byte[]>> all = get(letters().list(NAME, 3, soon()));
    assertThat(all).extracting(GoQueueDeadLettersTest::value).containsExactly("a", "b", "c");
    DeadLetter<byte[]> first = all.get(0);
    assertThat(first.id()).isEqualTo("1:0");
    assertThat(first.headers()).isEqualTo(Map.of("h", "v"));
    assertThat(first.attempts()).hasValue(3);
    assertThat(first.reason()).isEqualTo("REJECTED: no such customer");
    assertThat(first.failedAt()).isEqualTo(Instant.parse("2030-01-02T03:01:00Z"));
  }

  @Test
  void passesOverWhatIsNoDeadLetter() throws Exception {
    dead.put(0, 0, "hello");
    dead.put(0, 1, "{\"original_topic\":\"orders\"}");
    dead.put(0, 2, "{\"original_topic\":7,\"original_partition\":\"x\"}");
    dead.put(0, 3, record(0, 4, null, "a", null, 1));
    assertThat(listed(10)).containsExactly("a");
  }

  /** The wire's keys are text, those of dead letters are bytes. */
  @Test
  void aKeyThatIsNoTextIsNotChanged() throws Exception {
    dead.put(0, 0, record(0, 4, "k", "a", null, 1).replace("\"aw==\"", "\"/w==\""));
    InvalidRequestException error = failure(letters().replay(NAME, "0:0", soon()), InvalidRequestException.class);
    assertThat(error).hasMessageContaining("0xff");
    assertThat(orders.values(0)).isEmpty();
    assertThat(listed(10)).containsExactly("a");
  }

  @Test
  void replaysToWhereItWasAndListsItNoMore() throws Exception {
    dead.put(1, 0, record(1, 4, "k", new String(Envelope.text(new byte[] {'a'}, Map.of("h", "v")), StandardCharsets.UTF_8), null, 1));
    dead.put(1, 1, record(1, 5, null, "b", null, 2));
    EnqueueResult back = get(letters().replay(NAME, "1:0", soon()));
    assertThat(back.partition()).isEqualTo(1);
    assertThat(orders.values(1)).containsExactly("{\"tributary\":1,\"headers\":{\"h\":\"v\"},\"text\":\"a\"}");
    assertThat(server.asked("POST /topics/orders/messages").get(0).json().getJsonArray("messages").getJsonObject(0).getString("key")).isEqualTo("k");
    assertThat(listed(10)).containsExactly("b");
    failure(letters().replay(NAME, "1:0", soon()), NotFoundException.class);
    assertThat(orders.values(1)).hasSize(1);
    // Others see a dead letter like any, that says which one it is about.
    DeadLetterRecord mark = DeadLetterRecord.parse(dead.values(1).get(2));
    assertThat(mark.topic()).isEqualTo("orders.dlq");
    assertThat(mark.partition()).isEqualTo(1);
    assertThat(mark.offset()).isZero();
    assertThat(mark.reason()).isEqualTo("REPLAYED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1", "1:", ":1", "1:2:3", "-1:0", "0:-1", "7:0", "0:9", "0:1", "99999999999:0"})
  void replaysNothingThatIsNotThere(String id) throws Exception {
    dead.put(0, 0, record(0, 4, null, "a", null, 1));
    dead.put(0, 1, "hello");
    failure(letters().replay(NAME, id, soon()), NotFoundException.class);
    assertThat(server.asked("POST /topics/orders/messages")).isEmpty();
  }

  @Test
  void purgesByACommitThatListingLooksAt() throws Exception {
    dead.put(0, 0, record(0, 4, null, "a", null, 1));
    dead.put(1, 6, record(1, 4, null, "b", null, 2));
    server
        .on("GET " + GROUP, q -> ScriptedHttp.Reply.error(404, "group not found"))
        .on("POST " + GROUP + "/join", "{'member_id':'m1','generation':1,'partitions':[0,1],'members':['m1']}")
        .on("POST " + GROUP + "/offsets", "{'status':'committed'}")
        .on("POST " + GROUP + "/leave", "{'status':'left'}");
    get(letters().purge(NAME, soon()));
    JsonObject committed = server.asked("POST " + GROUP + "/offsets").get(0).json();
    assertThat(committed.getString("member_id")).isEqualTo("m1");
    assertThat(committed.getJsonObject("offsets")).isEqualTo(new JsonObject("{\"orders.dlq\":{\"0\":1,\"1\":7}}"));
    assertThat(server.asked("POST " + GROUP + "/leave")).hasSize(1);
    server.on("GET " + GROUP + "/offsets", "{'group_id':'g','topics':{'orders.dlq':{'0':1,'1':7}}}");
    assertThat(listed(10)).isEmpty();
    failure(letters().replay(NAME, "0:0", soon()), NotFoundException.class);
    dead.put(0, 1, record(0, 8, null, "c", null, 3));
    assertThat(listed(10)).containsExactly("c");
  }

  @Test
  void nothingDiedYet() throws Exception {
    server.on("GET /topics/orders.dlq", q -> ScriptedHttp.Reply.error(404, "topic not found"));
    assertThat(listed(10)).isEmpty();
    get(letters().purge(NAME, soon()));
    failure(letters().replay(NAME, "0:0", soon()), NotFoundException.class);
    server.on("GET /topics/orders", q -> ScriptedHttp.Reply.error(404, "topic not found"));
    closeDriver();
    failure(letters().list(NAME, 10, soon()), NotFoundException.class);
  }

  private void closeDriver() throws Exception {
    get(driver.close());
    server.close();
    driver = null;
  }
}
