package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.StreamTransport;
import dev.tributary.stream.Message;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.server.goqueue.internal.transactions.Producer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TransactionRoutesTest {
  private static final String FENCED = "producer fenced by newer instance";
  private static final String NONE_OPEN = "invalid transaction state for operation: expected Ongoing, got Empty";

  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final JsonClient client = new JsonClient(server);

  /** A producer, as its process knows itself. */
  private record Producer(long id, int epoch, String name) {
    JsonObject json() {
      return new JsonObject().put("producer_id", id).put("epoch", epoch).put("transactional_id", name);
    }
  }

  @BeforeEach
  void create() {
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 2));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void givesProducersNumbersAndEpochs() {
    assertThat(init("a")).isEqualTo(new Producer(1, 0, "a"));
    assertThat(init("b")).isEqualTo(new Producer(2, 0, "b"));
    assertThat(init("a")).isEqualTo(new Producer(1, 1, "a"));
    assertThat(error(400, "/producers/init", new JsonObject())).isEqualTo("transactional_id is required");
  }

  @Test
  void showsEverythingAtTheCommit() {
    Producer producer = init("a");
    String id = begin(producer);
    assertThat(id).matches("txn-1893456000000000000-[0-9a-f]{16}");
    assertThat(publish(producer, 0, 0, "x"))
        .isEqualTo(new JsonObject().put("partition", 0).put("offset", -1).put("duplicate", false));
    publish(producer, 0, 1, "y");
    publish(producer, 1, 0, "z");
    assertThat(stored(0)).isEmpty();
    assertThat(client.post("/transactions/commit", producer.json())).isEqualTo(new JsonObject().put("status", "committed"));
    assertThat(stored(0)).containsExactly("x", "y");
    assertThat(stored(1)).containsExactly("z");
  }

  @Test
  void dropsEverythingAtTheAbort() {
    Producer producer = init("a");
    begin(producer);
    publish(producer, 0, 0, "x");
    assertThat(client.post("/transactions/abort", producer.json())).isEqualTo(new JsonObject().put("status", "aborted"));
    assertThat(error(500, "/transactions/commit", producer.json())).isEqualTo(NONE_OPEN);
    assertThat(error(500, "/transactions/abort", producer.json()))
        .isEqualTo("invalid transaction state for operation: expected Ongoing or PrepareAbort, got Empty");
    assertThat(stored(0)).isEmpty();
  }

  @Test
  void publishesNothingOutsideOfATransaction() {
    Producer producer = init("a");
    assertThat(error(500, "/transactions/publish", message(producer, 0, 0, "x"))).isEqualTo(NONE_OPEN);
    assertThat(error(500, "/transactions/commit", producer.json())).isEqualTo(NONE_OPEN);
    assertThat(stored(0)).isEmpty();
    begin(producer);
    assertThat(error(409, "/transactions/begin", producer.json())).isEqualTo("transaction already in progress");
  }

  @Test
  void fencesThePreviousInstance() {
    Producer old = init("a");
    begin(old);
    publish(old, 0, 0, "old");
    Producer young = init("a");
    for (String route : List.of("/transactions/begin", "/transactions/commit", "/transactions/abort", "/producers/1/heartbeat")) {
      assertThat(error(409, route, old.json())).isEqualTo(FENCED);
    }
    assertThat(error(409, "/transactions/publish", message(old, 0, 1, "old"))).isEqualTo(FENCED);
    begin(young);
    publish(young, 0, 0, "new");
    client.post("/transactions/commit", young.json());
    assertThat(stored(0)).containsExactly("new");
  }

  @Test
  void knowsNobodyElse() {
    Producer stranger = new Producer(9, 0, "a");
    for (String route : List.of("/transactions/begin", "/transactions/commit", "/transactions/abort", "/producers/9/heartbeat")) {
      assertThat(error(500, route, stranger.json())).isEqualTo("unknown producer ID");
    }
    assertThat(error(500, "/transactions/publish", message(stranger, 0, 0, "x"))).isEqualTo("unknown producer ID");
    Producer producer = init("a");
    assertThat(error(500, "/transactions/begin", new Producer(producer.id, 0, "b").json())).isEqualTo("unknown producer ID");
    Producer future = new Producer(producer.id, 1, "a");
    assertThat(error(500, "/transactions/begin", future.json())).isEqualTo("invalid producer epoch");
    assertThat(error(500, "/transactions/publish", message(future, 0, 0, "x"))).isEqualTo("invalid producer epoch");
    assertThat(error(409, "/producers/1/heartbeat", future.json())).isEqualTo("invalid producer epoch");
  }

  @ParameterizedTest
  @CsvSource({
    "/transactions/begin, transactional_id is required",
    "/transactions/commit, transactional_id is required",
    "/transactions/abort, transactional_id is required",
    "/transactions/publish, topic is required",
    "/producers/1/heartbeat, transactional_id is required",
    "/producers/one/heartbeat, invalid producer_id",
    "/producers/init, transactional_id is required",
  })
  void saysWhatIsMissing(String route, String text) {
    assertThat(error(400, route, new JsonObject())).isEqualTo(text);
  }

  @Test
  void refusesNumbersThatDoNotFit() {
    JsonObject wide = new JsonObject().put("transactional_id", "a").put("epoch", 40_000);
    assertThat(error(400, "/transactions/begin", wide)).startsWith("invalid JSON: ");
    JsonObject long64 = new JsonObject().put("topic", "orders").put("sequence", 1L << 31);
    assertThat(error(400, "/transactions/publish", long64)).startsWith("invalid JSON: ");
  }

  @Test
  void findsWhereToPublish() {
    Producer producer = init("a");
    begin(producer);
    JsonObject lost = message(producer, 0, 0, "x").put("topic", "nowhere");
    assertThat(error(404, "/transactions/publish", lost)).isEqualTo("topic not found: nowhere");
    assertThat(error(500, "/transactions/publish", message(producer, 2, 0, "x"))).startsWith("invalid partition 2");
    JsonObject nobody = message(new Producer(-1, 0, "a"), 0, 0, "x");
    assertThat(error(400, "/transactions/publish", nobody)).isEqualTo("sequence check failed: unknown producer ID");
    JsonObject bare = message(producer, 0, 0, "first");
    bare.remove("partition");
    assertThat(client.post("/transactions/publish", bare).getInteger("partition")).isZero();
    JsonObject any = message(producer, -1, 1, "any");
    assertThat(client.post("/transactions/publish", any).getInteger("partition")).isZero();
    // 0xb3dd93fa is even, 0x3c2569b2 too, 0x9bbfd75f is odd.
    assertThat(client.post("/transactions/publish", message(producer, -1, 2, "x").put("key", "abc")).getInteger("partition")).isZero();
    assertThat(client.post("/transactions/publish", message(producer, -1, 0, "x").put("key", "ab")).getInteger("partition")).isEqualTo(1);
  }

  @Test
  void countsInEveryPartition() {
    Producer producer = init("a");
    begin(producer);
    JsonObject early = message(producer, 0, 1, "x");
    assertThat(error(400, "/transactions/publish", early))
        .isEqualTo("sequence check failed: out of order sequence number: expected 0, got 1");
    publish(producer, 0, 0, "x");
    assertThat(publish(producer, 0, 0, "again"))
        .isEqualTo(new JsonObject().put("partition", 0).put("offset", 0).put("duplicate", true));
    publish(producer, 1, 0, "y");
    client.post("/transactions/commit", producer.json());
    begin(producer);
    assertThat(publish(producer, 0, 0, "late").getBoolean("duplicate")).isTrue();
    publish(producer, 0, 1, "z");
    client.post("/transactions/commit", producer.json());
    assertThat(stored(0)).containsExactly("x", "z");
  }

  @Test
  void tellsARestartedProducerWhereItWas() {
    Producer old = init("a");
    begin(old);
    publish(old, 0, 0, "x");
    publish(old, 0, 1, "y");
    client.post("/transactions/commit", old.json());
    begin(old);
    publish(old, 0, 2, "dropped");
    Producer young = init("a");
    begin(young);
    assertThat(error(400, "/transactions/publish", message(young, 0, Integer.MAX_VALUE, "probe")))
        .isEqualTo("sequence check failed: out of order sequence number: expected 2, got 2147483647");
    assertThat(publish(young, 0, 2, "z").getBoolean("duplicate")).isFalse();
    client.post("/transactions/commit", young.json());
    assertThat(stored(0)).containsExactly("x", "y", "z");
  }

  @Test
  void usesNoNumberThatWasRefused() {
    Producer producer = init("a");
    begin(producer);
    client.expect(200, "DELETE", "/topics/orders", null);
    assertThat(error(404, "/transactions/publish", message(producer, 0, 0, "x"))).isEqualTo("topic not found: orders");
    create();
    assertThat(publish(producer, 0, 0, "y").getBoolean("duplicate")).isFalse();
    client.post("/transactions/commit", producer.json());
    assertThat(stored(0)).containsExactly("y");
  }

  @Test
  void abortsWhatTakesTooLong() {
    Producer producer = init("a", 2_000);
    begin(producer);
    publish(producer, 0, 0, "x");
    time.advance(Duration.ofMillis(1_999));
    assertThat(client.get("/transactions").getInteger("count")).isEqualTo(1);
    time.advance(Duration.ofMillis(1));
    assertThat(client.get("/transactions").getInteger("count")).isZero();
    assertThat(error(500, "/transactions/commit", producer.json())).isEqualTo(NONE_OPEN);
    begin(producer);
    publish(producer, 0, 0, "y");
    client.post("/transactions/commit", producer.json());
    time.advance(Duration.ofHours(1));
    assertThat(stored(0)).containsExactly("y");
    assertThat(time.pendingTimers()).as("a transaction that is over has no timer").isZero();
  }

  @ParameterizedTest
  @CsvSource({"0, 60000", "-5, 60000", "1000000, 900000"})
  void boundsTimeouts(long asked, long millis) {
    Producer producer = init("a", asked);
    begin(producer);
    time.advance(Duration.ofMillis(millis - 1));
    assertThat(client.get("/transactions").getInteger("count")).isEqualTo(1);
    time.advance(Duration.ofMillis(1));
    assertThat(client.get("/transactions").getInteger("count")).isZero();
  }

  @Test
  void abortsWhatCannotBeCommitted() {
    Producer producer = init("a");
    begin(producer);
    publish(producer, 0, 0, "x");
    client.expect(200, "DELETE", "/topics/orders", null);
    assertThat(error(500, "/transactions/commit", producer.json())).startsWith("commit failed: ");
    assertThat(error(500, "/transactions/commit", producer.json())).isEqualTo(NONE_OPEN);
    create();
    begin(producer);
    assertThat(publish(producer, 0, 0, "y").getBoolean("duplicate")).as("its number counts as not used").isFalse();
  }

  @Test
  void listsWhatIsOpen() {
    assertThat(client.get("/transactions")).isEqualTo(new JsonObject().put("transactions", new JsonArray()).put("count", 0));
    Producer producer = init("a");
    String id = begin(producer);
    publish(producer, 1, 0, "x");
    JsonArray parts = new JsonArray().add(new JsonObject().put("topic", "orders").put("partition", 1));
    assertThat(client.get("/transactions").getJsonArray("transactions"))
        .isEqualTo(
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("transaction_id", id)
                        .put("transactional_id", "a")
                        .put("producer_id", 1)
                        .put("epoch", 0)
                        .put("state", "Ongoing")
                        .put("start_time", "2030-01-01T00:00:00Z")
                        .put("partitions", parts)));
    assertThat(client.post("/producers/1/heartbeat", producer.json())).isEqualTo(new JsonObject().put("status", "ok"));
  }

  @Test
  void countsWithCapitals() {
    Producer producer = init("a");
    init("b");
    begin(producer);
    publish(producer, 1, 0, "x");
    JsonObject stats = client.get("/transactions/stats");
    assertThat(stats.getInteger("ActiveTransactions")).isEqualTo(1);
    assertThat(stats.getJsonObject("TransactionsByState")).isEqualTo(new JsonObject().put("1", 1));
    assertThat(stats.getJsonObject("ProducerStats"))
        .isEqualTo(
            new JsonObject()
                .put("ActiveProducers", 2)
                .put("SequenceStates", 1)
                .put("NextProducerID", 3)
                .put("ProducersByState", new JsonObject().put("0", 1).put("1", 1)));
    assertThat(stats.getJsonObject("LogStats").fieldNames())
        .containsExactlyInAnyOrder("WALSizeBytes", "RecordsSinceSnapshot", "LastSyncTime", "SnapshotExists", "WALEnabled");
  }

  /**
   * A process that follows the advice for public servers: it asks where it was when it restarts, repeats what it is not sure of, and
   * counts on or starts over after an abort. Whatever happens between, what it committed is there once, in order.
   */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void losesAndDoublesNothing(long seed) {
    Random random = new Random(seed);
    List<String> committed = new ArrayList<>();
    Producer producer = init("a");
    int number = 0;
    for (int round = 0; round < 25; round++) {
      begin(producer);
      if (producer.epoch > 0 && number < 0) {
        String told = error(400, "/transactions/publish", message(producer, 0, Integer.MAX_VALUE, "probe"));
        number = Integer.parseInt(told.replaceAll(".*expected (\\d+), got.*", "$1"));
      }
      int first = number;
      List<String> sent = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--, number++) {
        String value = round + "." + i;
        assertThat(publish(producer, 0, number, value).getBoolean("duplicate")).isFalse();
        if (random.nextInt(3) == 0) {
          assertThat(publish(producer, 0, number, value).getBoolean("duplicate")).isTrue();
        }
        sent.add(value);
      }
      switch (random.nextInt(4)) {
        case 0 -> {
          client.post("/transactions/abort", producer.json());
          number = random.nextBoolean() ? first : number;
        }
        case 1 -> {
          time.advance(Duration.ofSeconds(60));
          assertThat(error(500, "/transactions/commit", producer.json())).isEqualTo(NONE_OPEN);
          number = random.nextBoolean() ? first : number;
        }
        case 2 -> {
          producer = init("a");
          number = -1;
        }
        default -> {
          client.post("/transactions/commit", producer.json());
          committed.addAll(sent);
        }
      }
    }
    assertThat(stored(0)).isEqualTo(committed);
  }

  private Producer init(String name) {
    return init(name, 0);
  }

  private Producer init(String name, long millis) {
    JsonObject made =
        client.post("/producers/init", new JsonObject().put("transactional_id", name).put("transaction_timeout_ms", millis));
    return new Producer(made.getLong("producer_id"), made.getInteger("epoch"), name);
  }

  private String begin(Producer producer) {
    return client.post("/transactions/begin", producer.json()).getString("transaction_id");
  }

  private static JsonObject message(Producer producer, int partition, int sequence, String value) {
    return producer.json().put("topic", "orders").put("partition", partition).put("sequence", sequence).put("value", value);
  }

  private JsonObject publish(Producer producer, int partition, int sequence, String value) {
    return client.post("/transactions/publish", message(producer, partition, sequence, value));
  }

  private String error(int status, String route, JsonObject body) {
    JsonObject error = client.expect(status, "POST", route, body);
    assertThat(error.getInteger("status")).isEqualTo(status);
    return error.getString("error");
  }

  private List<String> stored(int partition) {
    StreamTransport streams = server.transport().streams().orElseThrow();
    ResourceName orders = new ResourceName("default", "default", "orders");
    List<Message<byte[]>> read =
        streams.read(new ReadSpec(orders, partition, 0, 1000, 1 << 20), Deadline.after(time, Duration.ofSeconds(10))).join().messages();
    return read.stream().map(message -> new String(message.value(), StandardCharsets.UTF_8)).toList();
  }
}
