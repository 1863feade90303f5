package dev.tributary.testkit.server.goqueue;

import static dev.tributary.testkit.server.goqueue.GoQueueClient.message;
import static dev.tributary.testkit.server.goqueue.GoQueueClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DelayedRoutesTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final GoQueueClient client = new GoQueueClient(server);

  @BeforeEach
  void create() {
    client.create("a", 2);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static JsonObject delayed(int partition, String delay) {
    return message("x").put("partition", partition).put("delay", delay);
  }

  private List<JsonObject> list(String query) {
    return objects(client.json.get("/topics/a/delayed" + query), "messages");
  }

  @Test
  void listsWhatWaits() {
    client.publish("a", delayed(0, "2m"), delayed(1, "90.5s"), message("now"));
    String last = GoTime.seconds(time.now().plusSeconds(120));
    String first = GoTime.seconds(time.now().plusMillis(90_500));
    time.advance(Duration.ofSeconds(1));
    assertThat(client.json.send("GET", "/topics/a/delayed", null).body())
        .isEqualTo(
            "{\"topic\":\"a\",\"messages\":["
                + "{\"topic\":\"a\",\"partition\":1,\"offset\":0,\"deliver_at\":\"" + first + "\",\"time_remaining\":\"1m29.5s\",\"state\":\"pending\"},"
                + "{\"topic\":\"a\",\"partition\":0,\"offset\":0,\"deliver_at\":\"" + last + "\",\"time_remaining\":\"1m59s\",\"state\":\"pending\"}"
                + "],\"count\":2,\"limit\":100,\"skip\":0}\n");
    time.advance(Duration.ofSeconds(100));
    assertThat(list("/")).hasSize(1);
    time.advance(Duration.ofSeconds(100));
    assertThat(list("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 100, 0, 0 1 2 3",
    "?limit=2, 2, 0, 0 1",
    "?limit=2&skip=1, 2, 1, 1 2",
    "?skip=3, 100, 3, 3",
    "?skip=9, 100, 9, ''",
    "?limit=0&skip=-1, 100, 0, 0 1 2 3",
    "?limit=x&skip=1.5, 100, 0, 0 1 2 3",
    "?limit=2147483647&skip=2147483647, 2147483647, 2147483647, ''",
  })
  void listsPages(String query, int limit, int skip, String offsets) {
    client.publish("a", delayed(0, "1s"), delayed(0, "2s"), delayed(0, "3s"), delayed(0, "4s"));
    JsonObject page = client.json.get("/topics/a/delayed" + query);
    assertThat(String.join(" ", objects(page, "messages").stream().map(each -> each.getLong("offset").toString()).toList())).isEqualTo(offsets);
    assertThat(page.getInteger("limit")).isEqualTo(limit);
    assertThat(page.getInteger("skip")).isEqualTo(skip);
    assertThat(page.getInteger("count")).isEqualTo(objects(page, "messages").size());
  }

  @Test
  void nothingWaitsInATopicThatIsNotThere() {
    assertThat(client.json.get("/topics/b/delayed"))
        .isEqualTo(new JsonObject("{\"topic\":\"b\",\"messages\":[],\"count\":0,\"limit\":100,\"skip\":0}"));
  }

  @Test
  void findsTheFirstAtAnOffset() {
    client.publish("a", message("now").put("partition", 0), delayed(1, "1m"), delayed(0, "2m"), delayed(1, "3m"));
    assertThat(client.json.get("/topics/a/delayed/0").getInteger("partition")).isEqualTo(1);
    assertThat(client.json.get("/topics/a/delayed/1"))
        .isEqualTo(
            new JsonObject()
                .put("topic", "a")
                .put("partition", 0)
                .put("offset", 1)
                .put("deliver_at", GoTime.seconds(time.now().plusSeconds(120)))
                .put("time_remaining", "2m0s")
                .put("state", "pending"));
    assertThat(client.error(404, "GET", "/topics/a/delayed/2", null)).isEqualTo("delayed message not found");
    assertThat(client.error(404, "GET", "/topics/b/delayed/0", null)).isEqualTo("delayed message not found");
    assertThat(client.error(400, "GET", "/topics/a/delayed/x", null)).isEqualTo("invalid offset");
    assertThat(client.error(400, "GET", "/topics/a/delayed/-1", null)).isEqualTo("invalid offset");
  }

  @Test
  void dropsWhatIsCancelled() {
    client.publish("a", delayed(1, "1m"), delayed(1, "1m"));
    assertThat(client.error(404, "DELETE", "/topics/a/delayed/0/0", null)).isEqualTo("delayed message not found or already delivered");
    assertThat(client.json.send("DELETE", "/topics/a/delayed/1/0", null).body())
        .isEqualTo("{\"canceled\":true,\"topic\":\"a\",\"partition\":1,\"offset\":0}\n");
    assertThat(client.error(404, "DELETE", "/topics/a/delayed/1/0", null)).isEqualTo("delayed message not found or already delivered");
    assertThat(client.error(404, "DELETE", "/topics/b/delayed/1/0", null)).isEqualTo("delayed message not found or already delivered");
    assertThat(client.error(400, "DELETE", "/topics/a/delayed/x/0", null)).isEqualTo("invalid partition");
    assertThat(client.error(400, "DELETE", "/topics/a/delayed/1/x", null)).isEqualTo("invalid offset");
    assertThat(list("")).hasSize(1);
    time.advance(Duration.ofMinutes(1));
    assertThat(client.values("a", 1, 0)).hasSize(1);
  }

  @Test
  void counts() {
    client.create("b", 1);
    client.publish("a", delayed(0, "1m"), delayed(0, "1m"), delayed(1, "2m"), delayed(1, "3m"));
    client.publish("b", delayed(0, "1m"), delayed(0, "5m"));
    client.json.expect(200, "DELETE", "/topics/a/delayed/0/1", null);
    time.advance(Duration.ofMinutes(2));
    assertThat(stats("total_scheduled", "total_delivered", "total_canceled", "total_pending")).containsExactly(6L, 3L, 1L, 2L);
    JsonObject stats = client.json.get("/delay/stats");
    assertThat(stats.getJsonObject("by_topic")).isEqualTo(new JsonObject().put("a", 1).put("b", 1));
    assertThat(stats.getJsonObject("timer_wheel"))
        .isEqualTo(
            new JsonObject()
                .put("total_scheduled", 6)
                .put("total_expired", 3)
                .put("total_canceled", 1)
                .put("current_active", 2)
                .put("current_tick", 12_000));
    client.json.expect(200, "DELETE", "/topics/b", null);
    assertThat(stats("total_delivered", "total_pending")).containsExactly(3L, 1L);
  }

  private List<Long> stats(String... names) {
    JsonObject stats = client.json.get("/delay/stats");
    return List.of(names).stream().map(stats::getLong).toList();
  }

  @Test
  void whatWaitsSurvivesARestart() {
    client.publish("a", delayed(0, "1m"));
    server.stop();
    server.start();
    assertThat(client.values("a", 0, 0)).isEmpty();
    assertThat(list("")).hasSize(1);
    assertThat(stats("total_pending")).containsExactly(1L);
    time.advance(Duration.ofMinutes(1));
    assertThat(client.values("a", 0, 0)).hasSize(1);
  }
}
