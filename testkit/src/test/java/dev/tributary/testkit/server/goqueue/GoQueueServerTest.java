package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.testkit.server.goqueue.internal.store.Topics;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every route. */
@Timeout(60)
class GoQueueServerTest {
  private static final String GET_TOPICS = "GET /topics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

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
  @CsvSource({
    "PUT, /topics, 'GET, POST'",
    "PATCH, /v1/topics/, 'GET, POST'",
    "OPTIONS, /topics, 'GET, POST'",
    "POST, /topics/a, 'DELETE, GET'",
    "HEAD, /topics, 'GET, POST'",
    "POST, /health, GET"
  })
  void saysOfOtherMethodsWhichThereAre(String method, String path, String allowed) {
    HttpResponse<String> reply = client.send(method, path, null);
    assertThat(reply.statusCode()).isEqualTo(405);
    assertThat(reply.headers().firstValue("allow")).hasValue(allowed);
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

  @ParameterizedTest
  @CsvSource({
    "a:b@c+d$e&f=g~h, a:b@c+d$e&f=g~h",
    "a!b, a!b",
    "a%20b, a b",
    "gr%C3%B6%C3%9Fe, größe",
    "gr%c3%b6%c3%9fe, gr%c3%b6%c3%9fe",
    "a%3Ab, a%3Ab",
    "a%2Fb, a%2Fb",
  })
  void readsWhatIsEncodedAsLittleAsCanBe(String sent, String read) {
    assertThat(RawPath.matched("/groups/" + sent)).isEqualTo("/groups/" + read);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a%2Db", "a%2db", "%61-b", "a-b%2F", "a-b%3A"})
  void doesNotKnowWhatIsEncodedWithoutNeed(String sent) {
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "a-b"));
    assertThat(client.get("/topics/a-b").getString("name")).isEqualTo("a-b");
    assertThat(error(404, "GET", "/topics/" + sent, null)).isEqualTo("topic not found");
  }

  @Test
  void aPathThatIsNotEncodedAtAllIsNoPath() {
    assertThat(raw(server, "GET /topics/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void answersManyRequestsOnOneConnection() {
    String request = "POST /topics HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{\"name\":\"a\"}";
    assertThat(raw(server, request + request + GET_TOPICS))
        .containsSubsequence("HTTP/1.1 201", "HTTP/1.1 409", "HTTP/1.1 200", "{\"topics\":[\"a\"]}\n");
  }

  /** All that is answered until the connection ends. */
  private static String raw(EmbeddedServer server, String request) {
    try (Socket socket = new Socket(server.host(), server.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/topics", "/v1/topics"})
  void takesBodiesOfAMebibyte(String path) {
    String fits = "{\"name\":\"a\",\"more\":\"" + "x".repeat((1 << 20) - 22) + "\"}";
    assertThat(fits).hasSize(1 << 20);
    assertThat(error(400, "POST", path, fits + " ")).isEqualTo("invalid JSON: http: request body too large");
    assertThat(client.send("POST", path, fits).statusCode()).isEqualTo(201);
  }

  @Test
  void asksForAKeyIfItWasGivenSome() {
    try (EmbeddedServer guarded = EmbeddedServer.goqueue().token("one", "two").time(time).start()) {
      JsonClient peer = new JsonClient(guarded);
      assertThat(plain(peer, 401, "/topics")).isEqualTo("no API key provided");
      assertThat(plain(peer, 401, "/stats")).isEqualTo("no API key provided");
      assertThat(plain(peer, 401, "/nothing")).isEqualTo("no API key provided");
      assertThat(plain(peer, 401, "/topics", "Authorization", "bearer one")).isEqualTo("no API key provided");
      assertThat(plain(peer, 401, "/topics", "Authorization", "Bearer three")).isEqualTo("invalid API key");
      assertThat(plain(peer, 401, "/topics?api_key=three")).isEqualTo("invalid API key");
      assertThat(plain(peer, 401, "/topics?api_key=one", "X-API-Key", "three")).isEqualTo("invalid API key");
      assertThat(plain(peer, 401, "/topics", "X-API-Key", "one", "Authorization", "Bearer three")).isEqualTo("invalid API key");
      assertThat(status(peer, "/topics", "Authorization", "Bearer one")).isEqualTo(200);
      assertThat(status(peer, "/v1/topics", "X-API-Key", "two")).isEqualTo(200);
      assertThat(status(peer, "/topics", "X-API-Key", "two", "Authorization", "bearer three")).isEqualTo(200);
      assertThat(status(peer, "/topics?api_key=two")).isEqualTo(200);
      for (String open : List.of("/health", "/healthz", "/readyz", "/livez", "/metrics", "/version")) {
        assertThat(status(peer, open)).as(open).isEqualTo(200);
      }
    }
  }

  @Test
  void holdsBackWhoAsksTooOften() {
    try (EmbeddedServer limited = EmbeddedServer.goqueue().rateLimited(true).time(time).start()) {
      JsonClient peer = new JsonClient(limited);
      for (int i = 0; i < 1000; i++) {
        assertThat(status(peer, "/v1/topics")).isEqualTo(200);
      }
      HttpResponse<String> refused = get(peer, "/topics");
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.body()).isEqualTo("rate limit exceeded\n");
      assertThat(refused.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
      assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
      assertThat(refused.headers().firstValue("x-ratelimit-limit")).hasValue("1000");
      assertThat(refused.headers().firstValue("x-ratelimit-remaining")).hasValue("0");
      assertThat(status(peer, "/health")).isEqualTo(200);
      time.advance(Duration.ofMillis(2));
      assertThat(status(peer, "/topics")).isEqualTo(200);
      assertThat(status(peer, "/topics")).isEqualTo(200);
      assertThat(status(peer, "/topics")).isEqualTo(429);
    }
  }

  @Test
  void letsPagesOfAllOriginsAsk() {
    assertThat(get(client, "/topics").headers().firstValue("access-control-allow-origin")).isEmpty();
    assertThat(get(client, "/topics", "Origin", "http://a").headers().firstValue("access-control-allow-origin")).hasValue("*");
    assertThat(get(client, "/topics/a", "Origin", "http://a").headers().firstValue("access-control-allow-origin")).hasValue("*");
    HttpResponse<String> preflight =
        client.start("OPTIONS", "/topics", null, "Origin", "http://a", "Access-Control-Request-Method", "POST").join();
    assertThat(preflight.statusCode()).isEqualTo(200);
    assertThat(preflight.body()).isEmpty();
    assertThat(preflight.headers().firstValue("access-control-allow-headers"))
        .hasValue("Accept, Authorization, Content-Type, X-API-Key, X-Request-ID");
  }

  @Test
  void saysSoIfItCannotAnswerInTime() {
    server.faults().delay("GET /topics", Duration.ofSeconds(31));
    CompletableFuture<HttpResponse<String>> reply = client.start("GET", "/topics", null);
    awaitTimers(2);
    time.advance(Duration.ofSeconds(30));
    assertThat(reply.join().statusCode()).isEqualTo(503);
    assertThat(reply.join().headers().firstValue("retry-after")).hasValue("1");
    assertThat(new JsonObject(reply.join().body()).getInteger("status")).isEqualTo(503);
  }

  @Test
  void hangsUpAsShippedIfItCannotAnswerInTime() {
    try (EmbeddedServer shipped = EmbeddedServer.goqueue().emulate(Quirk.SHIPPED_GOQUEUE).time(time).start()) {
      shipped.faults().delay("GET /topics", Duration.ofSeconds(31));
      CompletableFuture<String> reply = CompletableFuture.supplyAsync(() -> raw(shipped, GET_TOPICS));
      awaitTimers(2);
      time.advance(Duration.ofSeconds(30));
      assertThat(reply.join()).isEmpty();
    }
  }

  /** Until as much was begun as a request begins. */
  private void awaitTimers(int count) {
    while (time.pendingTimers() < count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void failsAsItWasTold() {
    server.faults().fail("POST /topics", 1, 503, "not now");
    assertThat(error(503, "POST", "/v1/topics", "{\"name\":\"a\"}")).isEqualTo("not now");
    assertThat(client.get("/topics").getJsonArray("topics")).isEmpty();
    server.faults().failApplied("POST /topics", 1, 500, "lost");
    assertThat(error(500, "POST", "/topics", "{\"name\":\"a\"}")).isEqualTo("lost");
    assertThat(client.get("/topics").getJsonArray("topics")).containsExactly("a");
    server.faults().fail("GET /topics", 1, 0, "");
    assertThat(raw(server, GET_TOPICS)).isEmpty();
    assertThat(raw(server, GET_TOPICS)).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void speaksHttp1UnlessThereIsTls() {
    assertThat(get(client, "/topics").version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThat(raw(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).startsWith("HTTP/2.0 501 ");
  }

  @Test
  void keepsItsTopicsThroughARestart() {
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "a"));
    server.stop();
    server.start();
    assertThat(client.get("/topics").getJsonArray("topics")).containsExactly("a");
  }

  @Test
  void sendsClientsAway() throws IOException {
    try (Socket socket = new Socket(server.host(), server.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertThat((char) socket.getInputStream().read()).isEqualTo('H');
      server.faults().goAway();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).endsWith("404 page not found\n");
    }
    assertThat(status(client, "/topics")).isEqualTo(200);
  }

  @Test
  void saysHowToReachIt() {
    assertThat(server.uri()).isEqualTo("goqueue://127.0.0.1:" + server.port());
    assertThat(server.httpPort()).isEqualTo(server.port());
  }

  private String error(int status, String method, String path, @Nullable String body) {
    HttpResponse<String> reply = client.send(method, path, body);
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(status);
    JsonObject error = new JsonObject(reply.body());
    assertThat(error.getInteger("status")).isEqualTo(status);
    return error.getString("error");
  }

  private static String plain(JsonClient peer, int status, String path, String... headers) {
    HttpResponse<String> reply = get(peer, path, headers);
    assertThat(reply.statusCode()).isEqualTo(status);
    assertThat(reply.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
    return reply.body().stripTrailing();
  }

  private static int status(JsonClient peer, String path, String... headers) {
    return get(peer, path, headers).statusCode();
  }

  private static HttpResponse<String> get(JsonClient peer, String path, String... headers) {
    return peer.start("GET", path, null, headers).join();
  }
}
