package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.ReadSpec;
import dev.tributary.stream.Message;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.goqueue.internal.transactions.Transactions;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions as public servers have them. */
@Timeout(60)
class ShippedTransactionsTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).emulate(Quirk.SHIPPED_GOQUEUE).start();
  private final JsonClient client = new JsonClient(server);

  @BeforeEach
  void create() {
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders").put("num_partitions", 1));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void showsWhatIsPublishedWithoutATransactionAtOnce() {
    init(0);
    assertThat(publish(1, 0, 0, "early").getLong("offset")).isZero();
    assertThat(publish(77, 3, 0, "stranger").getLong("offset")).isEqualTo(1);
    assertThat(stored()).containsExactly("early", "stranger");
  }

  @Test
  void fencesNobodyWhoPublishes() {
    init(0);
    begin(0);
    publish(1, 0, 0, "hidden");
    init(0);
    assertThat(error(409, "/transactions/commit", 0)).isEqualTo("producer fenced by newer instance");
    begin(1);
    publish(1, 1, 1, "new");
    publish(1, 0, 2, "old");
    assertThat(stored()).containsExactly("old");
    client.post("/transactions/commit", producer(1));
    assertThat(stored()).containsExactly("old", "new");
  }

  @Test
  void listsWhatWasLeftOpenForGood() {
    init(0);
    begin(0);
    init(0);
    time.advance(Duration.ofDays(1));
    JsonObject listed = client.get("/transactions");
    assertThat(listed.getInteger("count")).isEqualTo(1);
    assertThat(listed.getJsonArray("transactions").getJsonObject(0).getString("state")).isEqualTo("PrepareAbort");
  }

  @Test
  void usesANumberForGood() {
    init(0);
    begin(0);
    publish(1, 0, 0, "dropped");
    client.post("/transactions/abort", producer(0));
    begin(0);
    assertThat(publish(1, 0, 0, "lost").getBoolean("duplicate")).isTrue();
    client.post("/transactions/commit", producer(0));
    assertThat(stored()).isEmpty();
    init(0);
    JsonObject probe = message(1, 1, Integer.MAX_VALUE, "probe");
    assertThat(client.expect(400, "POST", "/transactions/publish", probe).getString("error")).contains("expected 1, got 2147483647");
  }

  @Test
  void abortsOnlyWhileItHearsOfTheProducer() {
    init(60_000);
    begin(0);
    publish(1, 0, 0, "x");
    for (int i = 0; i < 3; i++) {
      time.advance(Duration.ofSeconds(20));
      client.post("/producers/1/heartbeat", producer(0));
    }
    time.advance(Duration.ofSeconds(1));
    assertThat(error(500, "/transactions/commit", 0)).isEqualTo("invalid transaction state for operation: expected Ongoing, got Empty");
    assertThat(stored()).isEmpty();
  }

  @Test
  void neverAbortsWhatASilentProducerLeft() {
    init(60_000);
    begin(0);
    publish(1, 0, 0, "x");
    time.advance(Duration.ofHours(1));
    JsonObject listed = client.get("/transactions").getJsonArray("transactions").getJsonObject(0);
    assertThat(listed.getString("state")).isEqualTo("PrepareAbort");
    client.post("/transactions/commit", producer(0));
    assertThat(stored()).containsExactly("x");
  }

  private void init(long millis) {
    client.post("/producers/init", new JsonObject().put("transactional_id", "a").put("transaction_timeout_ms", millis));
  }

  private static JsonObject producer(int epoch) {
    return new JsonObject().put("producer_id", 1).put("epoch", epoch).put("transactional_id", "a");
  }

  private void begin(int epoch) {
    client.post("/transactions/begin", producer(epoch));
  }

  private static JsonObject message(long producer, int epoch, int sequence, String value) {
    return new JsonObject()
        .put("producer_id", producer)
        .put("epoch", epoch)
        .put("topic", "orders")
        .put("sequence", sequence)
        .put("value", value);
  }

  private JsonObject publish(long producer, int epoch, int sequence, String value) {
    return client.post("/transactions/publish", message(producer, epoch, sequence, value));
  }

  private String error(int status, String route, int epoch) {
    return client.expect(status, "POST", route, producer(epoch)).getString("error");
  }

  private List<String> stored() {
    List<Message<byte[]>> read =
        server
            .transport()
            .streams()
            .orElseThrow()
            .read(new ReadSpec(new ResourceName("default", "default", "orders"), 0, 0, 1000, 1 << 20), Deadline.after(time, Duration.ofSeconds(10)))
            .join()
            .messages();
    return read.stream().map(message -> new String(message.value(), StandardCharsets.UTF_8)).toList();
  }
}
