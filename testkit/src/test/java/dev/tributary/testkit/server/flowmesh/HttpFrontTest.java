package dev.tributary.testkit.server.flowmesh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.RawClient;
import dev.tributary.testkit.server.Quirk;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class HttpFrontTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String STREAM = "/api/v1/streams/t/n/s";
  private static final String QUEUE = "/api/v1/queues/t/n/q";
  private static final String STORE = "/api/v1/kv/t/n/k";
  private static final String SESSIONS = "/api/v1/replay/sessions";

  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;

  @BeforeEach
  void start() {
    server = EmbeddedServer.flowmesh().time(time).token("only gRPC asks for it").start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void writesAndReadsEvents() {
    JsonObject headers = new JsonObject().put("h", "v");
    JsonObject events =
        new JsonObject()
            .put(
                "events",
                new JsonArray()
                    .add(new JsonObject().put("payload", base64("a")).put("headers", headers))
                    .add(new JsonObject().put("payload", base64("b"))));
    JsonObject written = ok("POST", STREAM + "/events", events);
    assertThat(written.getString("status")).isEqualTo("success");
    assertThat(written.getString("message")).isNotEmpty();
    assertThat(written.getJsonArray("offsets")).containsExactly(0, 1);

    JsonArray read = ok("GET", STREAM + "/messages?offset=0").getJsonArray("messages");
    assertThat(read).hasSize(2);
    JsonObject first = read.getJsonObject(0);
    assertThat(first.fieldNames())
        .containsExactlyInAnyOrder("id", "resource_path", "partition", "offset", "payload", "headers", "created_at", "schema_version");
    assertThat(first.getString("resource_path")).isEqualTo("t/n/stream/s");
    assertThat(first.getString("payload")).isEqualTo(base64("a"));
    assertThat(first.getJsonObject("headers")).isEqualTo(headers);
    assertThat(first.getLong("created_at")).isEqualTo(Wire.nanos(time.now()));
    assertThat(ok("GET", STREAM + "/messages?offset=0&max_messages=1").getJsonArray("messages")).hasSize(1);
    assertThat(ok("GET", STREAM + "/messages?offset=0&max_messages=5000").getJsonArray("messages")).hasSize(2);
    assertThat(ok("GET", STREAM + "/messages?offset=0&partition=3").getJsonArray("messages")).isEmpty();
    assertThat(ok("GET", STREAM + "/offsets/latest").getInteger("offset")).isEqualTo(1);
    assertThat(ok("GET", STREAM + "/offsets/latest?partition=-4").getInteger("offset")).isEqualTo(1);
    assertThat(ok("GET", STREAM + "/stats").getJsonObject("stats")).isEqualTo(new JsonObject().put("latest_offset", 1));
  }

  @Test
  void keepsGroups() {
    write("a", "b", "c");
    String group = STREAM + "/consumer-groups/g";
    assertThat(ok("GET", group + "/offsets").getInteger("offset")).isEqualTo(-1);
    assertThat(ok("GET", group + "/state").getJsonObject("state"))
        .isEqualTo(
            json("{'stream':'t/n/stream/s','group':'g','partition':0,'committed_offset':-1,'latest_offset':2,'lag':3}"));
    assertThat(ok("GET", STREAM + "/consumer-groups").getJsonArray("consumer_groups")).isEmpty();
    ok("POST", group + "/offsets", new JsonObject().put("offset", 1));
    assertThat(ok("GET", group + "/offsets").getInteger("offset")).isEqualTo(1);
    assertThat(ok("GET", STREAM + "/consumer-groups").getJsonArray("consumer_groups"))
        .isEqualTo(new JsonArray().add(json("{'group':'g','partition':0,'committed_offset':1,'latest_offset':2,'lag':1}")));
    assertThat(send("POST", group + "/offsets", "{\"offset\":-2}").statusCode()).isEqualTo(400);
    assertThat(send("POST", group + "/offsets", "{}").statusCode()).isEqualTo(400);
  }

  @Test
  void enqueuesAndLeases() {
    JsonObject job = new JsonObject().put("payload", base64("work")).put("headers", new JsonObject().put("h", "v"));
    JsonObject stored = ok("POST", QUEUE + "/jobs", job);
    assertThat(stored.getString("job_id")).isNotEmpty();
    assertThat(stored.getInteger("seq")).isZero();
    ok("POST", QUEUE + "/jobs", job);
    ok("POST", QUEUE + "/jobs", new JsonObject().put("payload", base64("later")).put("delay_seconds", 60));

    JsonObject nine = new JsonObject().put("visibility_timeout_seconds", 9);
    JsonObject reserved = ok("POST", QUEUE + "/reserve?visibility_timeout=7", nine).getJsonObject("job");
    assertThat(reserved.fieldNames())
        .containsExactlyInAnyOrder(
            "id", "resource_path", "seq", "payload", "headers", "created_at", "visible_at", "reserve_until", "attempts");
    assertThat(reserved.getLong("reserve_until")).isEqualTo(Wire.nanos(time.now().plusSeconds(7)));
    assertThat(reserved.getString("payload")).isEqualTo(base64("work"));
    assertThat(reserved.getInteger("attempts")).isEqualTo(1);
    JsonArray received = ok("POST", QUEUE + "/receive?max_jobs=5", new JsonObject().put("max_jobs", 1)).getJsonArray("jobs");
    assertThat(received).hasSize(1);
    assertThat(received.getJsonObject(0).getInteger("seq")).isEqualTo(1);
    assertThat(ok("POST", QUEUE + "/receive").getJsonArray("jobs")).isEmpty();
    assertThat(ok("POST", QUEUE + "/reserve").getJsonObject("job")).isNull();

    assertThat(ok("GET", QUEUE + "/stats").getJsonObject("stats"))
        .isEqualTo(
            new JsonObject()
                .put("total_jobs", 3)
                .put("pending_jobs", 1)
                .put("in_flight_jobs", 2)
                .put("completed_jobs", 0)
                .put("failed_jobs", 0)
                .put("oldest_job_age_seconds", 0));
  }

  @Test
  void looksOnlyAtOptionalBodiesOfDeclaredLength() throws Exception {
    ok("POST", QUEUE + "/jobs", new JsonObject().put("payload", base64("work")));
    HttpRequest chunked =
        HttpRequest.newBuilder(uri(QUEUE + "/receive"))
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream("no JSON".getBytes(UTF_8))))
            .build();
    HttpResponse<String> reply = CLIENT.send(chunked, HttpResponse.BodyHandlers.ofString());
    assertThat(new JsonObject(reply.body()).getJsonArray("jobs")).hasSize(1);
    assertThat(send("POST", QUEUE + "/receive", "no JSON").statusCode()).isEqualTo(400);
  }

  @Test
  void keepsRetryPoliciesAndListsDeadLetters() {
    JsonObject policy =
        new JsonObject()
            .put("max_attempts", 1)
            .put("initial_backoff_seconds", 2)
            .put("max_backoff_seconds", 9)
            .put("backoff_multiplier", 1.5)
            .put("backoff_strategy", "fixed");
    assertThat(ok("PUT", QUEUE + "/retry-policy", policy)).isEqualTo(new JsonObject().put("status", "ok"));
    assertThat(ok("GET", QUEUE + "/retry-policy")).isEqualTo(new JsonObject().put("status", "ok").put("policy", policy));
    assertThat(send("PUT", QUEUE + "/retry-policy", policy.copy().put("backoff_strategy", "").encode()).statusCode()).isEqualTo(400);

    assertThat(ok("GET", QUEUE + "/dlq/jobs")).isEqualTo(new JsonObject().put("status", "ok").put("jobs", new JsonArray()));
    String dead = "/api/v1/queues/t/n/q-dlq";
    for (int i = 0; i < 3; i++) {
      ok("POST", dead + "/jobs", new JsonObject().put("payload", base64("dead" + i)));
    }
    assertThat(ok("GET", QUEUE + "/dlq/jobs").getJsonArray("jobs")).hasSize(3);
    JsonArray listed = ok("GET", QUEUE + "/dlq/jobs?max_jobs=2").getJsonArray("jobs");
    assertThat(listed).hasSize(2);
    assertThat(listed.getJsonObject(0).getString("payload")).isEqualTo(base64("dead0"));
  }

  @Test
  void enqueuesWhereJobsShouldBeSettled() {
    for (String route : new String[] {"/jobs/x/ack", "/jobs/x/nack", "/dlq/jobs/x/replay"}) {
      assertThat(send("POST", QUEUE + route, null).statusCode()).as(route).isEqualTo(400);
    }
    ok("POST", QUEUE + "/jobs/x/ack", new JsonObject().put("payload", base64("oops")));
    assertThat(ok("GET", QUEUE + "/stats").getJsonObject("stats").getInteger("total_jobs")).isEqualTo(1);
  }

  @Test
  void keepsKeys() {
    assertThat(ok("GET", STORE + "/keys").containsKey("keys")).isTrue();
    assertThat(ok("GET", STORE + "/keys").getValue("keys")).isNull();
    ok("PUT", STORE + "/keys/a", new JsonObject().put("value", base64("1")));
    ok("PUT", STORE + "/keys/b?ttl=1m30s", new JsonObject().put("value", base64("2")));
    ok("PUT", STORE + "/keys/c?ttl=1h", new JsonObject().put("value", base64("3")).put("ttl_seconds", 5));
    ok("PUT", STORE + "/keys/d?ttl=200ms", new JsonObject().put("value", base64("4")));
    ok("PUT", STORE + "/keys/e%2Ff", new JsonObject().put("value", base64("5")));
    assertThat(ok("GET", STORE + "/keys").getJsonArray("keys")).containsExactly("a", "b", "c", "d", "e");
    assertThat(ok("GET", STORE + "/keys?prefix=b").getJsonArray("keys")).containsExactly("b");
    assertThat(ok("GET", STORE + "/keys/a").getString("value")).isEqualTo(base64("1"));
    assertThat(send("HEAD", STORE + "/keys/a", null).statusCode()).isEqualTo(200);
    time.advance(Duration.ofSeconds(1));
    assertThat(ok("GET", STORE + "/keys").getJsonArray("keys")).as("rounded up").doesNotContain("d");
    time.advance(Duration.ofSeconds(4));
    assertThat(send("GET", STORE + "/keys/c", null).statusCode()).isEqualTo(404);
    time.advance(Duration.ofSeconds(84));
    assertThat(send("HEAD", STORE + "/keys/b", null).statusCode()).isEqualTo(200);
    time.advance(Duration.ofSeconds(1));
    HttpResponse<String> gone = send("HEAD", STORE + "/keys/b", null);
    assertThat(gone.statusCode()).isEqualTo(404);
    assertThat(gone.body()).isEmpty();
    ok("DELETE", STORE + "/keys/a");
    ok("DELETE", STORE + "/keys/a");
    assertThat(send("PUT", STORE + "/keys/a?ttl=soon", "{\"value\":\"" + base64("1") + "\"}").statusCode()).isEqualTo(400);
    assertThat(send("PUT", STORE + "/keys/a", "{\"value\":\"\"}").statusCode()).isEqualTo(400);
    assertThat(send("PUT", STORE + "/keys/a", "{\"value\":\"not base64!\"}").statusCode()).isEqualTo(400);
  }

  @Test
  void replays() {
    write("a", "b");
    JsonObject wanted = new JsonObject().put("start_offset", 0).put("sandbox_consumer_group", "_replay_x");
    HttpResponse<String> made = send("POST", SESSIONS + "?stream=t/n/s", wanted.encode());
    assertThat(made.statusCode()).isEqualTo(201);
    JsonObject session = new JsonObject(made.body());
    assertThat(session.fieldNames())
        .containsExactlyInAnyOrder(
            "session_id",
            "stream",
            "partition",
            "start_offset",
            "sandbox_consumer_group",
            "status",
            "progress",
            "created_at",
            "updated_at");
    assertThat(session.getJsonObject("progress").fieldNames())
        .containsExactlyInAnyOrder("current_offset", "messages_replayed", "errors");
    assertThat(session.getString("stream")).isEqualTo("t/n/stream/s");
    assertThat(session.getString("status")).isEqualTo("created");
    String one = SESSIONS + "/" + session.getString("session_id");
    assertThat(ok("GET", one)).isEqualTo(session);
    assertThat(ok("GET", SESSIONS + "?stream=t/n/stream/s").getJsonArray("sessions")).isEqualTo(new JsonArray().add(session));
    assertThat(send("POST", one + "/pause", null).statusCode()).isEqualTo(500);
    ok("POST", one + "/start");
    assertThat(send("POST", one + "/start", null).statusCode()).isEqualTo(400);
    ok("POST", one + "/pause");
    ok("POST", one + "/resume");
    time.advance(Duration.ofSeconds(1));
    assertThat(ok("GET", one).getString("status")).isEqualTo("completed");
    assertThat(ok("GET", one).getJsonObject("progress").getInteger("messages_replayed")).isEqualTo(2);
    assertThat(send("POST", one + "/stop", null).statusCode()).isEqualTo(400);
    ok("DELETE", one);
    assertThat(send("GET", one, null).statusCode()).isEqualTo(404);

    assertThat(send("POST", SESSIONS + "?stream=t/n/stream/s", wanted.encode()).statusCode()).isEqualTo(400);
    assertThat(send("GET", SESSIONS + "?stream=t/n/s", null).statusCode()).isEqualTo(400);
    assertThat(send("POST", SESSIONS + "?stream=t/n/s", wanted.copy().put("start_offset", -1).encode()).statusCode()).isEqualTo(400);
  }

  @Test
  void saysErrorsOfStreamsInJsonAndAllOthersInText() {
    try (EmbeddedServer strict = EmbeddedServer.flowmesh().createOnFirstUse(false).emulate(Quirk.RESERVE_ON_EMPTY_FAILS).start()) {
      server.close();
      server = strict;
      for (String route : new String[] {"/messages?offset=0", "/offsets/latest", "/stats"}) {
        HttpResponse<String> missing = send("GET", STREAM + route, null);
        assertThat(missing.statusCode()).as(route).isEqualTo(404);
        JsonObject body = new JsonObject(missing.body());
        assertThat(body.fieldNames()).containsExactlyInAnyOrder("status", "message");
        assertThat(body.getString("status")).isEqualTo("error");
      }
      assertThat(send("GET", STREAM + "/consumer-groups", null).statusCode()).isEqualTo(500);
      assertThat(send("POST", STREAM + "/consumer-groups/g/offsets", "{\"offset\":0}").statusCode()).isEqualTo(500);
      HttpResponse<String> queue = send("GET", QUEUE + "/stats", null);
      assertThat(queue.statusCode()).isEqualTo(404);
      assertText(queue);
      assertThat(send("GET", STORE + "/keys/a", null).statusCode()).isEqualTo(404);
      assertThat(send("HEAD", STORE + "/keys/a", null).statusCode()).isEqualTo(404);
      strict
          .transport()
          .admin()
          .orElseThrow()
          .createQueue(
              new ResourceName("t", "n", "q"),
              QueueConfig.DEFAULT,
              Deadline.after(TimeSource.system(), Duration.ofSeconds(5)))
          .join();
      assertThat(send("POST", QUEUE + "/reserve", null).statusCode()).isEqualTo(500);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/streams/t/n/s/messages, 400",
    "GET, /api/v1/streams/t/n/s/messages?offset=-1, 400",
    "GET, /api/v1/streams/t/n/s/messages?offset=x, 400",
    "GET, /api/v1/streams/t/n/s/messages?offset=0&max_messages=0, 400",
    "GET, /api/v1/streams/t/n/s/messages?offset=0&partition=99999999999, 400",
    "POST, /api/v1/streams/t/n/s/events, 400",
    "POST, /api/v1/queues/t/n/q/jobs, 400",
    "POST, /api/v1/queues/t/n/q/receive?visibility_timeout=43201, 400",
    "GET, /api/v1/streams/t//s/stats, 400",
    "PUT, /api/v1/streams/t/n/s/schema, 404",
    "GET, /api/v1/streams/t/n/s/events, 404",
    "DELETE, /api/v1/queues/t/n/q/jobs, 404",
    "GET, /api/v1/replay/sessions/unknown, 404",
    "GET, /api/v1/schemas/t/x, 400",
    "POST, /api/v1/schemas/, 400",
    "GET, /ws, 500",
    "GET, /, 404",
    "GET, /api/v1/nothing, 404",
  })
  void refuses(String method, String path, int status) {
    HttpResponse<String> refused = send(method, path, null);
    assertThat(refused.statusCode()).isEqualTo(status);
    assertText(refused);
  }

  @Test
  void refusesABodyThatIsTooLarge() {
    assertThat(send("POST", STREAM + "/events", "x".repeat((16 << 20) + 1)).statusCode()).isEqualTo(413);
  }

  @Test
  void redirectsToCollectionsWithTheirFilters() {
    HttpResponse<String> moved = send("GET", "/api/v1/kv?tenant=t", null);
    assertThat(moved.statusCode()).isEqualTo(301);
    assertThat(moved.headers().firstValue("location")).hasValue("/api/v1/kv/?tenant=t");
    ok("PUT", STORE + "/keys/a", new JsonObject().put("value", base64("1")));
    JsonObject store = ok("GET", "/api/v1/kv/?tenant=t&namespace=n").getJsonArray("stores").getJsonObject(0);
    assertThat(store.fieldNames())
        .containsExactlyInAnyOrder("tenant", "namespace", "name", "type", "partitions", "retention", "created_at", "updated_at");
    assertThat(store.getString("type")).isEqualTo("kv");
    assertThat(ok("GET", "/api/v1/kv/?namespace=other").getJsonArray("stores")).isEmpty();
  }

  @Test
  void tellsHealthByAnyMethod() {
    assertThat(new JsonObject(send("POST", "/health", null).body()).getJsonObject("status").getInteger("code")).isEqualTo(200);
    JsonObject ready = ok("PUT", "/ready");
    assertThat(ready.getBoolean("ready")).isTrue();
    assertThat(ready.getJsonObject("status").getInteger("code")).isEqualTo(200);
  }

  @Test
  void countsWhatItAnswered() {
    try (RawClient client = new RawClient(server)) {
      client.call(
          FlowMeshMethods.HEALTH_CHECK,
          HealthCheckRequest.getDefaultInstance());
      client.call(
          FlowMeshMethods.GET,
          GetRequest.getDefaultInstance());
    }
    write("a");
    send("GET", "/nothing", null);
    send("GET", "/nothing", null);
    send("BREW", "/nothing", null);
    HttpResponse<String> metrics = send("GET", "/metrics", null);
    assertThat(metrics.headers().firstValue("content-type").orElse("")).startsWith("text/plain; version=0.0.4");
    assertThat(metrics.body())
        .contains(
            "# TYPE flowmesh_grpc_requests_total counter\n",
            "flowmesh_grpc_requests_total{method=\"flowmesh.v1.HealthService/HealthCheck\",code=\"OK\"} 1\n",
            "flowmesh_grpc_requests_total{method=\"flowmesh.v1.KVService/Get\",code=\"UNAUTHENTICATED\"} 1\n",
            "# TYPE flowmesh_http_requests_total counter\n",
            "flowmesh_http_requests_total{method=\"POST\",code=\"200\"} 1\n",
            "flowmesh_http_requests_total{method=\"GET\",code=\"404\"} 2\n",
            "flowmesh_http_requests_total{method=\"OTHER\",code=\"404\"} 1\n");
  }

  private void write(String... payloads) {
    JsonArray events = new JsonArray();
    for (String payload : payloads) {
      events.add(new JsonObject().put("payload", base64(payload)));
    }
    ok("POST", STREAM + "/events", new JsonObject().put("events", events));
  }

  private static void assertText(HttpResponse<String> reply) {
    assertThat(reply.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
    assertThat(reply.body()).endsWith("\n").hasLineCount(1);
  }

  private JsonObject ok(String method, String path) {
    return ok(method, path, null);
  }

  private JsonObject ok(String method, String path, JsonObject body) {
    HttpResponse<String> reply = send(method, path, body == null ? null : body.encode());
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    return new JsonObject(reply.body());
  }

  private HttpResponse<String> send(String method, String path, String body) {
    HttpRequest.BodyPublisher content = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
    try {
      return CLIENT.send(HttpRequest.newBuilder(uri(path)).method(method, content).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new AssertionError(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private URI uri(String path) {
    return URI.create("http://" + server.host() + ":" + server.httpPort() + path);
  }

  private static JsonObject json(String text) {
    return new JsonObject(text.replace('\'', '"'));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
