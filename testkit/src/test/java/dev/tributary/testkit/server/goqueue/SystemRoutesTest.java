package dev.tributary.testkit.server.goqueue;

import static dev.tributary.testkit.server.goqueue.GoQueueClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.engine.MemoryEngine;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SystemRoutesTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final GoQueueClient client = new GoQueueClient(server);

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonObject body(String text) {
    return new JsonObject(text.replace("NOW", GoTime.nanos(time.now())));
  }

  @Test
  void saysThatItIsThere() {
    assertThat(client.json.get("/health")).isEqualTo(body("{\"status\":\"ok\",\"timestamp\":\"NOW\"}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/healthz", "/livez", "/readyz", "/readyz?verbose=1", "/readyz?verbose=True"})
  void saysThatItIsWell(String path) {
    time.advance(Duration.ofMillis(548_250));
    assertThat(client.json.get(path)).isEqualTo(body("{\"status\":\"pass\",\"timestamp\":\"NOW\",\"uptime\":\"9m8.25s\"}"));
  }

  @Test
  void saysWhatItsPartsAreLike() {
    client.create("a", 2);
    client.publish("a", message("123"));
    assertThat(client.json.get("/readyz?verbose=true"))
        .isEqualTo(
            body(
                "{\"status\":\"pass\",\"timestamp\":\"NOW\",\"uptime\":\"0s\",\"checks\":{"
                    + "\"broker\":{\"status\":\"pass\",\"message\":\"broker is ready\",\"latency\":\"0s\"},"
                    + "\"storage\":{\"status\":\"pass\",\"message\":\"storage answers\",\"latency\":\"0s\"}},"
                    + "\"broker\":{\"node_id\":\"embedded\",\"topic_count\":1,\"total_size\":3}}"));
  }

  @ParameterizedTest
  @CsvSource({
    "/readyz, true, false, broker is not ready",
    "/readyz?verbose=true, true, false, broker is not ready",
    "/healthz, false, true, broker does not answer",
    "/livez, false, true, broker does not answer",
    "/healthz, , true, broker does not answer",
    "/readyz, true, , broker is not ready",
  })
  void saysThatItIsNotWell(String path, Boolean live, Boolean ready, String told) {
    try (MemoryEngine engine = MemoryEngine.builder().time(time).build();
        EmbeddedServer ill = EmbeddedServer.goqueue().transport(ill(engine.connect(), live, ready)).time(time).start()) {
      assertThat(new GoQueueClient(ill).json.expect(503, "GET", path, null))
          .isEqualTo(body("{\"status\":\"fail\",\"timestamp\":\"NOW\",\"message\":\"" + told + "\"}"));
    }
  }

  /** The same, but not well: who says nothing cannot be reached. */
  private static Transport ill(Transport whole, Boolean live, Boolean ready) {
    HealthTransport health =
        new HealthTransport() {
          @Override
          public CompletableFuture<Boolean> live(Deadline deadline) {
            return said(live);
          }

          @Override
          public CompletableFuture<Boolean> ready(Deadline deadline) {
            return said(ready);
          }
        };
    return (Transport)
        Proxy.newProxyInstance(
            Transport.class.getClassLoader(),
            new Class<?>[] {Transport.class},
            (proxy, method, arguments) -> method.getName().equals("health") ? health : method.invoke(whole, arguments));
  }

  private static CompletableFuture<Boolean> said(Boolean answer) {
    return answer == null ? CompletableFuture.failedFuture(new IllegalStateException("gone")) : CompletableFuture.completedFuture(answer);
  }

  @Test
  void saysWhatItIs() {
    JsonObject version = client.json.get("/version");
    assertThat(version.fieldNames()).containsExactly("version", "git_commit", "build_time", "go_version");
    assertThat(version.getString("version")).startsWith("tributary ");
  }

  @Test
  void countsWhatThereIs() {
    client.create("a", 2);
    client.create("b.c", 1);
    client.publish("a", message("123").put("key", "k"), message("45").put("delay", "1h"));
    time.advance(Duration.ofSeconds(3));
    assertThat(client.json.get("/stats"))
        .isEqualTo(
            body(
                "{\"node_id\":\"embedded\",\"uptime\":\"3s\",\"topics\":2,\"total_size_bytes\":6,\"topic_stats\":{"
                    + "\"a\":{\"Name\":\"a\",\"Partitions\":2,\"TotalMessages\":1,\"TotalSize\":6},"
                    + "\"b.c\":{\"Name\":\"b.c\",\"Partitions\":1,\"TotalMessages\":0,\"TotalSize\":0}}}"));
  }

  @Test
  void tellsPrometheus() {
    client.create("a", 1);
    client.publish("a", message("123"), message("4"));
    client.json.send("BREW", "/topics", null);
    HttpResponse<String> reply = client.json.send("GET", "/metrics", null);
    assertThat(reply.headers().firstValue("content-type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(reply.body())
        .contains(
            "# TYPE goqueue_http_requests_total counter\n",
            "goqueue_http_requests_total{method=\"POST\",code=\"201\"} 1\n",
            "goqueue_http_requests_total{method=\"POST\",code=\"200\"} 1\n",
            "goqueue_http_requests_total{method=\"OTHER\",code=\"405\"} 1\n",
            "# TYPE goqueue_topics gauge\ngoqueue_topics 1\n",
            "goqueue_topic_messages{topic=\"a\"} 2\n",
            "goqueue_topic_bytes{topic=\"a\"} 4\n");
  }
}
