package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every route. */
@Timeout(60)
class GoQueueServerTest {
  private final VirtualTime time = new VirtualTime();
  private final EmbeddedServer server = EmbeddedServer.goqueue().time(time).start();
  private final JsonClient client = new JsonClient(server);

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/topics", "/topics/", "/v1/topics", "/v1/topics/"})
  void servesEveryRouteAtTheRootAndUnderItsVersion(String path) {
    assertThat(client.get(path).getJsonArray("topics")).isEqualTo(new JsonArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v1", "/v1/", "/v2/topics", "/v1/v1/topics", "/v1/health", "/topics//", "/Topics", "/nothing"})
  void knowsNoOtherPaths(String path) {
    HttpResponse<String> reply = client.send("GET", path, null);
    assertThat(reply.statusCode()).isEqualTo(404);
    assertThat(reply.body()).isEqualTo("404 page not found\n");
    assertThat(reply.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
  }

  @ParameterizedTest
  @CsvSource({"PUT, /topics", "PATCH, /v1/topics/", "OPTIONS, /topics", "POST, /topics/a", "HEAD, /topics"})
  void saysNothingOfOtherMethods(String method, String path) {
    HttpResponse<String> reply = client.send(method, path, null);
    assertThat(reply.statusCode()).isEqualTo(405);
    assertThat(reply.body()).isEmpty();
    assertThat(reply.headers().firstValue("content-type")).isEmpty();
  }

  @Test
  void writesJsonThatIsSafeInHtml() {
    HttpResponse<String> reply = client.send("DELETE", "/topics/a", null);
    assertThat(reply.body()).isEqualTo("{\"error\":\"topic not found\",\"status\":404}\n");
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "a"));
    assertThat(client.send("DELETE", "/topics/a", null).body()).isEqualTo("{\"deleted\":true,\"name\":\"a\"}\n");
  }
}
