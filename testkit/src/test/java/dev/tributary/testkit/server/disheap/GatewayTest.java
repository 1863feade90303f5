package dev.tributary.testkit.server.disheap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import dev.tributary.vertx.internal.disheap.proto.PopItem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The REST gateway over real sockets. */
@Timeout(60)
class GatewayTest {
  private final VirtualTime time = new VirtualTime();
  private EmbeddedServer server;
  private JsonClient client;

  @BeforeEach
  void start() {
    server = EmbeddedServer.of("disheap").time(time).createOnFirstUse(false).start();
    client = new JsonClient(server);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void makesAHeapAndTellsOfIt() {
    JsonObject made =
        client.expect(
            201,
            "POST",
            "/v1/heaps",
            heap("orders", "max")
                .put("partitions", 4)
                .put("replication_factor", 2)
                .put("top_k_bound", 50)
                .put("description", "what people ordered"));
    JsonObject expected =
        heap("orders", "MAX")
            .put("partitions", 4)
            .put("replication_factor", 2)
            .put("top_k_bound", 50)
            .put("description", "what people ordered")
            .put("created_at", time.now().toString());
    assertThat(made).isEqualTo(expected);
    JsonObject found = client.get("/v1/heaps/orders");
    JsonObject stats = (JsonObject) found.remove("stats");
    assertThat(found).isEqualTo(expected);
    assertThat(stats.getInteger("total_messages")).isZero();
  }

  @Test
  void fillsInWhatARequestLeavesOut() {
    JsonObject made = client.expect(201, "POST", "/v1/heaps", heap("orders", "mIn"));
    assertThat(made)
        .isEqualTo(
            heap("orders", "MIN")
                .put("partitions", 1)
                .put("replication_factor", 1)
                .put("top_k_bound", 100)
                .put("description", "")
                .put("created_at", time.now().toString()));
  }

  @Test
  void listsHeapsInPages() {
    for (int i = 0; i < 52; i++) {
      make("heap" + i);
    }
    JsonObject all = client.get("/v1/heaps");
    assertThat(all.getJsonArray("heaps")).hasSize(50);
    assertThat(all.getInteger("page_size")).isEqualTo(50);
    assertThat(all.containsKey("page_token")).isFalse();
    JsonObject rest = client.get("/v1/heaps?page_token=" + all.getString("next_token"));
    assertThat(rest.getJsonArray("heaps")).hasSize(2);
    assertThat(rest.getString("page_token")).isEqualTo(all.getString("next_token"));
    assertThat(rest.containsKey("next_token")).isFalse();
    assertThat(topics(all)).doesNotContainAnyElementsOf(topics(rest));
    assertThat(client.get("/v1/heaps?page_size=1000").getJsonArray("heaps")).hasSize(52);
    assertThat(client.get("/v1/heaps?page_size=7").getJsonArray("heaps")).hasSize(7);
  }

  private static List<String> topics(JsonObject page) {
    return page.getJsonArray("heaps").stream().map(heap -> ((JsonObject) heap).getString("topic")).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1001", "many", "1.5", "99999999999999999999"})
  void takesAPageSizeThatMakesNoSenseForNone(String size) {
    assertThat(client.get("/v1/heaps?page_size=" + size).getInteger("page_size")).isEqualTo(50);
  }

  @Test
  void changesADescriptionAndNothingElse() {
    make("orders");
    assertThat(client.expect(200, "PATCH", "/v1/heaps/orders", new JsonObject().put("description", "new")).getString("topic"))
        .isEqualTo("orders");
    assertThat(client.get("/v1/heaps/orders").getString("description")).isEqualTo("new");
    client.expect(200, "PATCH", "/v1/heaps/orders", new JsonObject());
    assertThat(client.get("/v1/heaps/orders").getString("description")).isEqualTo("new");
    JsonObject bound = new JsonObject().put("top_k_bound", 5);
    assertError(client.expect(400, "PATCH", "/v1/heaps/orders", bound), "INVALID_ARGUMENT", "top_k_bound");
    assertError(client.expect(404, "PATCH", "/v1/heaps/none", new JsonObject()), "NOT_FOUND", "");
  }

  @Test
  void deletesOnlyWhatIsConfirmed() {
    make("orders");
    client.expect(200, "PATCH", "/v1/heaps/orders", new JsonObject().put("description", "old"));
    for (String unsure : List.of("", "?confirm=false", "?confirm=yes", "?confirm=")) {
      assertError(client.expect(400, "DELETE", "/v1/heaps/orders" + unsure, null), "INVALID_ARGUMENT", "confirm");
    }
    assertThat(client.expect(200, "DELETE", "/v1/heaps/orders?confirm=true", null).getString("topic")).isEqualTo("orders");
    assertError(client.expect(404, "GET", "/v1/heaps/orders", null), "NOT_FOUND", "");
    assertError(client.expect(404, "DELETE", "/v1/heaps/orders?confirm=true", null), "NOT_FOUND", "");
    make("orders");
    assertThat(client.get("/v1/heaps/orders").getString("description")).as("another heap").isEmpty();
  }

  @Test
  void purgesOnlyWhatIsConfirmed() {
    make("orders");
    enqueue("orders", "a", 1);
    assertError(client.expect(400, "POST", "/v1/heaps/orders/purge", null), "INVALID_ARGUMENT", "confirm");
    assertThat(peek("orders")).hasSize(1);
    assertThat(client.expect(200, "POST", "/v1/heaps/orders/purge?confirm=true", null).getString("topic")).isEqualTo("orders");
    assertThat(peek("orders")).isEmpty();
    assertError(client.expect(404, "POST", "/v1/heaps/none/purge?confirm=true", null), "NOT_FOUND", "");
  }

  @Test
  void enqueuesAndPeeks() {
    make("orders");
    JsonObject stored =
        client.post("/v1/enqueue", message("orders", "low").put("priority", -3).put("partition_key", "k").put("producer_id", "p"));
    assertThat(stored.fieldNames()).containsExactlyInAnyOrder("message_id", "topic", "priority");
    assertThat(stored.getString("topic")).isEqualTo("orders");
    assertThat(stored.getInteger("priority")).isEqualTo(-3);
    assertThat(client.post("/v1/enqueue", message("orders", "normal")).getInteger("priority")).isZero();
    enqueue("orders", "high", 1_000_000);

    JsonObject peeked = client.get("/v1/peek/orders");
    assertThat(peeked.getString("topic")).isEqualTo("orders");
    assertThat(peeked.getInteger("count")).isEqualTo(3);
    JsonArray messages = peeked.getJsonArray("messages");
    assertThat(payloads(messages)).as("best first").containsExactly("high", "normal", "low");
    JsonObject last = messages.getJsonObject(2);
    assertThat(last.fieldNames()).containsExactlyInAnyOrder("id", "payload", "priority", "metadata");
    assertThat(last.getString("id")).isEqualTo(stored.getString("message_id"));
    assertThat(last.getInteger("priority")).isEqualTo(-3);
    assertThat(last.getJsonObject("metadata").getString("enqueued_time")).isEqualTo(time.now().toString());
    assertThat(client.get("/v1/peek/orders?limit=2").getInteger("count")).isEqualTo(2);
    assertThat(client.get("/v1/peek/orders?limit=1000").getInteger("count")).isEqualTo(3);
  }

  @Test
  void peeksAtTenUnlessAskedForMore() {
    make("orders");
    JsonArray batch = new JsonArray();
    for (int i = 0; i < 30; i++) {
      batch.add(message("orders", "m" + i));
    }
    client.post("/v1/enqueue/batch", new JsonObject().put("messages", batch));
    assertThat(peek("orders")).hasSize(10);
    assertThat(client.get("/v1/peek/orders?limit=25").getInteger("count")).isEqualTo(25);
  }

  @Test
  void enqueuesMoreThanTheEngineTakesAtOnce() {
    make("orders");
    JsonArray batch = new JsonArray();
    for (int i = 0; i < 1000; i++) {
      batch.add(message("orders", "m" + i).put("priority", 1000 - i));
    }
    JsonObject stored = client.post("/v1/enqueue/batch", new JsonObject().put("messages", batch));
    assertThat(stored.getInteger("succeeded")).isEqualTo(1000);
    assertThat(stored.getInteger("failed")).isZero();
    JsonArray messages = stored.getJsonArray("messages");
    assertThat(messages).hasSize(1000);
    assertThat(messages.getJsonObject(999).fieldNames()).containsExactlyInAnyOrder("message_id", "priority");
    assertThat(messages.getJsonObject(999).getInteger("priority")).isEqualTo(1);
    assertThat(messages.stream().map(one -> ((JsonObject) one).getString("message_id")).distinct()).hasSize(1000);
    assertThat(payloads(peek("orders"))).startsWith("m0", "m1", "m2");
    assertThat(client.get("/v1/stats/orders").getJsonObject("stats").getInteger("total_messages")).isEqualTo(1000);
  }

  @Test
  void saysWhichOfABatchFailed() {
    make("orders");
    JsonArray batch = new JsonArray();
    for (int i = 0; i < 150; i++) {
      batch.add(message(i == 42 ? "none" : "orders", "m" + i).put("priority", i == 43 ? 1_000_001 : 0));
    }
    JsonObject stored = client.post("/v1/enqueue/batch", new JsonObject().put("messages", batch));
    assertThat(stored.getInteger("succeeded")).isEqualTo(148);
    assertThat(stored.getInteger("failed")).isEqualTo(2);
    JsonArray messages = stored.getJsonArray("messages");
    assertThat(messages.getJsonObject(42).getString("error")).startsWith("NOT_FOUND: ");
    assertThat(messages.getJsonObject(42).getString("message_id")).isEmpty();
    assertThat(messages.getJsonObject(43).getString("error")).startsWith("INVALID_ARGUMENT: ");
    assertThat(messages.getJsonObject(41).containsKey("error")).isFalse();
    assertThat(messages.getJsonObject(44).containsKey("error")).isFalse();
    assertThat(client.get("/v1/stats/orders").getJsonObject("stats").getInteger("total_messages")).isEqualTo(148);
  }

  @Test
  void doesNotRepeatABatchThatMayBeStored() {
    make("orders");
    server.faults().failApplied("EnqueueBatch", 1, 14, "the answer was lost");
    JsonArray batch = new JsonArray().add(message("orders", "a")).add(message("orders", "b"));
    JsonObject unsure = client.post("/v1/enqueue/batch", new JsonObject().put("messages", batch));
    assertThat(unsure.getInteger("failed")).isEqualTo(2);
    assertThat(unsure.getJsonArray("messages").getJsonObject(0).getString("error")).isEqualTo("UNAVAILABLE: the answer was lost");
    assertThat(peek("orders")).hasSize(2);
  }

  @Test
  void storesAllOrNothingOfATransaction() {
    make("orders");
    JsonArray batch = new JsonArray().add(message("orders", "a")).add(message("none", "b"));
    JsonObject transaction = new JsonObject().put("messages", batch).put("transaction_id", "t1");
    assertError(client.expect(404, "POST", "/v1/enqueue/batch", transaction), "NOT_FOUND", "");
    assertThat(peek("orders")).isEmpty();
    batch.getJsonObject(1).put("topic", "orders");
    assertThat(client.post("/v1/enqueue/batch", transaction).getInteger("succeeded")).isEqualTo(2);
    assertThat(peek("orders")).hasSize(2);

    JsonArray large = new JsonArray();
    for (int i = 0; i < 101; i++) {
      large.add(message("orders", "m" + i));
    }
    JsonObject tooLarge = new JsonObject().put("messages", large).put("transaction_id", "t2");
    assertError(client.expect(400, "POST", "/v1/enqueue/batch", tooLarge), "INVALID_ARGUMENT", "messages");
  }

  @Test
  void acknowledges() {
    PopItem item = lease("a");
    JsonObject body = settlement(item);
    assertThat(client.post("/v1/ack", body).getString("message_id")).isEqualTo(item.getMessageId());
    assertError(client.expect(412, "POST", "/v1/ack", body), "FAILED_PRECONDITION", "");
    time.advance(Duration.ofHours(1));
    assertThat(peek("orders")).isEmpty();
  }

  @Test
  void givesBackAtOnceOrLater() {
    PopItem item = lease("a");
    JsonObject body = settlement(item).put("backoff_override", 0).put("reason", "not now");
    assertThat(client.post("/v1/nack", body).fieldNames()).containsExactlyInAnyOrder("message", "topic", "message_id");
    PopItem again = pop();
    assertThat(again.getAttempts()).isEqualTo(2);
    client.post("/v1/nack", settlement(again).put("backoff_override", 60));
    assertThat(peek("orders").getJsonObject(0).getJsonObject("metadata").getString("is_leased")).isEqualTo("false");
    assertError(client.expect(412, "POST", "/v1/nack", settlement(again)), "FAILED_PRECONDITION", "");
  }

  @Test
  void whatNobodyBeganIsNoAttempt() {
    client.post("/v1/nack", settlement(lease("a")).put("release", true));
    assertThat(pop().getAttempts()).isEqualTo(1);
  }

  @Test
  void extendsALease() {
    PopItem item = lease("a");
    JsonObject body = new JsonObject().put("topic", "orders").put("lease_token", item.getLeaseToken()).put("extension", 120);
    assertThat(client.post("/v1/extend", body))
        .isEqualTo(body.copy().put("message", "lease extended"));
    time.advance(Duration.ofSeconds(300));
    client.post("/v1/ack", settlement(item));
  }

  @Test
  void refusesLeasesThatAreOver() {
    PopItem item = lease("a");
    time.advance(Duration.ofHours(1));
    assertError(client.expect(412, "POST", "/v1/ack", settlement(item)), "FAILED_PRECONDITION", "");
    JsonObject extension = new JsonObject().put("topic", "orders").put("lease_token", item.getLeaseToken()).put("extension", 1);
    assertError(client.expect(412, "POST", "/v1/extend", extension), "FAILED_PRECONDITION", "");
  }

  @Test
  void counts() {
    make("orders");
    make("parcels");
    enqueue("orders", "a", 0);
    JsonObject stats = client.get("/v1/stats");
    assertThat(stats.fieldNames()).containsExactlyInAnyOrder("global_stats", "topic_stats", "timestamp");
    assertThat(Instant.parse(stats.getString("timestamp"))).isEqualTo(time.now());
    assertThat(stats.getJsonObject("global_stats").fieldNames())
        .contains(
            "total_messages",
            "inflight_messages",
            "dlq_messages",
            "total_enqueues",
            "total_pops",
            "total_acks",
            "total_nacks",
            "total_retries",
            "total_timeouts");
    assertThat(stats.getJsonObject("global_stats").getInteger("total_messages")).isEqualTo(1);
    assertThat(stats.getJsonObject("topic_stats").fieldNames()).containsExactly("orders", "parcels");
    JsonObject one = client.get("/v1/stats/orders");
    assertThat(one.fieldNames()).containsExactlyInAnyOrder("topic", "stats", "timestamp");
    assertThat(one.getJsonObject("stats").getInteger("total_enqueues")).isEqualTo(1);
    assertError(client.expect(404, "GET", "/v1/stats/none", null), "NOT_FOUND", "");
  }

  @Test
  void tellsHowItIs() {
    assertThat(client.get("/ready")).isEqualTo(new JsonObject().put("status", "ready").put("timestamp", time.now().toString()));
    time.advance(Duration.ofSeconds(90));
    assertThat(client.get("/v1/health/stats"))
        .isEqualTo(
            new JsonObject()
                .put("timestamp", time.now().toString())
                .put("engine", new JsonObject().put("connected", true).put("status", "READY"))
                .put("server", new JsonObject().put("uptime", "90s").put("status", "running")));
  }

  @ParameterizedTest
  @CsvSource({
    "3, INVALID_ARGUMENT, 400",
    "16, UNAUTHENTICATED, 401",
    "7, PERMISSION_DENIED, 403",
    "5, NOT_FOUND, 404",
    "6, ALREADY_EXISTS, 409",
    "10, ABORTED, 409",
    "9, FAILED_PRECONDITION, 412",
    "4, DEADLINE_EXCEEDED, 408",
    "8, RESOURCE_EXHAUSTED, 429",
    "14, UNAVAILABLE, 503",
    "12, UNIMPLEMENTED, 501",
    "13, INTERNAL, 500",
    "2, UNKNOWN, 500",
  })
  void tellsWhatTheEngineFailedWith(int grpc, String code, int status) {
    server.faults().fail("Enqueue", 1, grpc, "what went wrong");
    JsonObject error = client.expect(status, "POST", "/v1/enqueue", message("orders", "a"));
    assertThat(error)
        .isEqualTo(
            new JsonObject()
                .put(
                    "error",
                    new JsonObject()
                        .put("code", code)
                        .put("message", "what went wrong")
                        .put(
                            "details",
                            new JsonArray().add(new JsonObject().put("field", "").put("issue", code + ": what went wrong")))));
  }

  @Test
  void losesAnswersWhenThatIsPlanned() {
    make("orders");
    server.faults().failApplied("Enqueue", 2, 14, "lost");
    for (String topic : List.of("orders", "none")) {
      assertError(client.expect(503, "POST", "/v1/enqueue", message(topic, "a")), "UNAVAILABLE", "");
    }
    assertThat(peek("orders")).hasSize(1);
  }

  @Test
  void isLateWhenThatIsPlanned() {
    make("orders");
    CompletableFuture<HttpResponse<String>> late = enqueueLater(Duration.ofSeconds(5));
    time.advance(Duration.ofSeconds(5));
    assertThat(late.join().statusCode()).isEqualTo(200);
    assertThat(peek("orders")).hasSize(1);
  }

  @Test
  void doesNotLetAnybodyWaitForEver() {
    make("orders");
    int timers = time.pendingTimers();
    CompletableFuture<HttpResponse<String>> late = enqueueLater(Duration.ofMinutes(5));
    time.advance(Duration.ofSeconds(30));
    assertThat(late.join().statusCode()).isEqualTo(408);
    assertError(new JsonObject(late.join().body()), "DEADLINE_EXCEEDED", "");
    // The answer may be there before the call has heard that it is given up.
    await(() -> time.pendingTimers() == timers);
    time.advance(Duration.ofMinutes(5));
    assertThat(peek("orders")).as("a call that was given up is not made").isEmpty();
  }

  /** A request that has arrived, and waits for its beginning and for its end. */
  private CompletableFuture<HttpResponse<String>> enqueueLater(Duration delay) {
    server.faults().delay("Enqueue", delay);
    int timers = time.pendingTimers();
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(() -> client.send("POST", "/v1/enqueue", message("orders", "a").encode()));
    await(() -> time.pendingTimers() == timers + 2);
    return answer;
  }

  private static void await(BooleanSupplier arrived) {
    while (!arrived.getAsBoolean()) {
      Thread.yield();
    }
  }

  @Test
  void refusesAnExistingHeap() {
    make("orders");
    assertError(client.expect(409, "POST", "/v1/heaps", heap("orders", "MAX")), "ALREADY_EXISTS", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/heaps | {} | topic",
        "/v1/heaps | {\"topic\":\"\",\"mode\":\"MIN\"} | topic",
        "/v1/heaps | {\"topic\":\"a\"} | mode",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MEDIUM\"} | mode",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":1} | mode",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"partitions\":0} | partitions",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"partitions\":\"1\"} | partitions",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"partitions\":1.5} | partitions",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"replication_factor\":-1} | replication_factor",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"top_k_bound\":4294967297} | top_k_bound",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"description\":{}} | description",
        "/v1/heaps | {\"topic\":\"a b\",\"mode\":\"MIN\"} | ''",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"partitions\":1001} | ''",
        "/v1/heaps | {\"topic\":\"a\",\"mode\":\"MIN\",\"replication_factor\":2} | ''",
        "/v1/enqueue | {\"topic\":\"a\"} | payload",
        "/v1/enqueue | {\"payload\":\"YQ==\"} | topic",
        "/v1/enqueue | {\"topic\":\"a\",\"payload\":\"\"} | payload",
        "/v1/enqueue | {\"topic\":\"a\",\"payload\":\"not base64!\"} | payload",
        "/v1/enqueue | {\"topic\":\"a\",\"payload\":\"YQ==\",\"priority\":\"1\"} | priority",
        "/v1/enqueue | {\"topic\":\"a\",\"payload\":\"YQ==\",\"priority\":9223372036854775808} | priority",
        "/v1/enqueue | {\"topic\":\"a\",\"payload\":\"YQ==\",\"priority\":1000001} | ''",
        "/v1/enqueue | {\"topic\":\"a\",\"payload\":\"YQ==\",\"partition_key\":1} | partition_key",
        "/v1/enqueue/batch | {} | messages",
        "/v1/enqueue/batch | {\"messages\":[]} | number of messages",
        "/v1/enqueue/batch | {\"messages\":[1]} | messages[0]",
        "/v1/enqueue/batch | {\"messages\":[{\"topic\":\"a\",\"payload\":\"YQ==\"},{\"topic\":\"a\"}]} | messages[1].payload",
        "/v1/ack | {\"topic\":\"a\",\"message_id\":\"m\"} | lease_token",
        "/v1/ack | {\"topic\":\"a\",\"lease_token\":\"t\"} | message_id",
        "/v1/nack | {\"message_id\":\"m\",\"lease_token\":\"t\"} | topic",
        "/v1/nack | {\"topic\":\"a\",\"message_id\":\"m\",\"lease_token\":\"t\",\"backoff_override\":-1} | backoff_override",
        "/v1/nack | {\"topic\":\"a\",\"message_id\":\"m\",\"lease_token\":\"t\",\"backoff_override\":9223372036854775807} | backoff_override",
        "/v1/nack | {\"topic\":\"a\",\"message_id\":\"m\",\"lease_token\":\"t\",\"backoff_override\":0.5} | backoff_override",
        "/v1/extend | {\"topic\":\"a\",\"lease_token\":\"t\"} | extension",
        "/v1/extend | {\"topic\":\"a\",\"lease_token\":\"t\",\"extension\":0} | extension",
        "/v1/extend | {\"topic\":\"a\",\"lease_token\":\"t\",\"extension\":43201} | extension",
        "/v1/extend | {\"topic\":\"a\",\"lease_token\":\"t\",\"extension\":\"10s\"} | extension",
      })
  void saysWhatIsWrongWithABody(String path, String body, String field) {
    HttpResponse<String> refused = client.send("POST", path, body);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    assertError(new JsonObject(refused.body()), "INVALID_ARGUMENT", field);
  }

  @Test
  void saysWhatIsWrongWithAQuery() {
    make("orders");
    for (String limit : List.of("0", "1001", "-1", "many")) {
      assertError(client.expect(400, "GET", "/v1/peek/orders?limit=" + limit, null), "INVALID_ARGUMENT", "limit");
    }
  }

  @Test
  void refusesABatchOfTooMany() {
    JsonArray batch = new JsonArray();
    for (int i = 0; i <= 1000; i++) {
      batch.add(message("orders", "a"));
    }
    JsonObject refused = client.expect(400, "POST", "/v1/enqueue/batch", new JsonObject().put("messages", batch));
    assertError(refused, "INVALID_ARGUMENT", "number of messages");
  }

  @Test
  void refusesABodyThatIsTooLarge() {
    HttpResponse<String> refused = client.send("POST", "/v1/enqueue", "x".repeat((16 << 20) + 1));
    assertThat(refused.statusCode()).isEqualTo(413);
    assertError(new JsonObject(refused.body()), "RESOURCE_EXHAUSTED", "body");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/heaps/none, 404",
    "GET, /v1/peek/none, 404",
    "GET, /v1/stats/none, 404",
    "DELETE, /v1/heaps/none?confirm=true, 404",
    "GET, /v1/peek/a%20b, 400",
  })
  void knowsWhatIsThere(String method, String path, int status) {
    assertThat(client.expect(status, method, path, null).getJsonObject("error").getString("code"))
        .isEqualTo(status == 404 ? "NOT_FOUND" : "INVALID_ARGUMENT");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1",
    "GET, /v1/",
    "GET, /v1/auth/login",
    "POST, /v1/keys",
    "GET, /v1/keys/a",
    "POST, /v1/enqueue:batch",
    "POST, /v1/heaps/orders:purge",
    "GET, /v1/docs",
    "GET, /v1/enqueue",
    "PUT, /v1/heaps/orders",
    "GET, /v1/peek",
  })
  void hasNoOtherRoutes(String method, String path) {
    HttpResponse<String> missing = client.send(method, path, null);
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
  }

  @Test
  void asksForAKey() {
    try (EmbeddedServer strict = EmbeddedServer.of("disheap").token("dh.a.b", "dh_a_b").start()) {
      JsonClient nobody = new JsonClient(strict);
      for (JsonClient refused :
          List.of(
              nobody,
              nobody.as("dh.a.b"),
              nobody.as("Bearer "),
              nobody.as("Basic dh.a.b"),
              nobody.as("Bearer dh.a.c"),
              nobody.as("Bearer eyJhbGciOiJub25lIn0.e30."))) {
        assertError(refused.expect(401, "GET", "/v1/heaps", null), "UNAUTHENTICATED", "");
        assertError(refused.expect(401, "POST", "/v1/enqueue", message("orders", "a")), "UNAUTHENTICATED", "");
      }
      assertThat(nobody.as("Bearer dh.a.b").get("/v1/heaps").getJsonArray("heaps")).isEmpty();
      assertThat(nobody.as("Bearer dh_a_b").get("/v1/heaps").getJsonArray("heaps")).isEmpty();
      assertThat(nobody.get("/ready").getString("status")).isEqualTo("ready");
      assertThat(nobody.get("/v1/health/stats").getJsonObject("engine").getBoolean("connected")).isTrue();
      assertThat(nobody.get("/health").getBoolean("is_leader")).isTrue();
      assertThat(nobody.send("GET", "/v1/unknown", null).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void letsPagesOfAllOriginsAsk() {
    for (String path : List.of("/v1/heaps", "/v1/heaps/none", "/v1/unknown", "/ready")) {
      assertThat(client.send("GET", path, null).headers().firstValue("access-control-allow-origin")).as(path).hasValue("*");
    }
    HttpResponse<String> preflight = client.send("OPTIONS", "/v1/heaps", null);
    assertThat(preflight.statusCode()).isEqualTo(204);
    assertThat(preflight.headers().firstValue("access-control-allow-origin")).hasValue("*");
    assertThat(preflight.headers().firstValue("access-control-allow-methods").orElse("")).contains("PATCH", "DELETE");
    assertThat(preflight.headers().firstValue("access-control-allow-headers").orElse("")).contains("Authorization");
    assertThat(client.send("GET", "/health", null).headers().firstValue("access-control-allow-origin")).isEmpty();
  }

  @Test
  void holdsBackWhoAsksTooOftenIfToldTo() {
    assertThat(client.send("GET", "/v1/heaps", null).headers().firstValue("x-ratelimit-limit")).isEmpty();
    try (EmbeddedServer limited = EmbeddedServer.of("disheap").time(time).rateLimited(true).start()) {
      JsonClient hasty = new JsonClient(limited);
      HttpResponse<String> first = hasty.send("GET", "/v1/heaps", null);
      assertThat(first.headers().firstValue("x-ratelimit-limit")).hasValue("1000");
      assertThat(first.headers().firstValue("x-ratelimit-remaining")).hasValue("99");
      for (int i = 1; i < RateLimit.BURST; i++) {
        hasty.get("/v1/heaps");
      }
      HttpResponse<String> refused = hasty.send("GET", "/v1/heaps", null);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertError(new JsonObject(refused.body()), "RATE_LIMIT_EXCEEDED", "");
      assertThat(refused.headers().firstValue("x-ratelimit-remaining")).hasValue("0");
      assertThat(refused.headers().firstValue("x-ratelimit-reset")).hasValue(Long.toString(time.now().plusSeconds(6).getEpochSecond()));
      assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
      assertThat(hasty.get("/health").getString("status")).as("not the gateway's").isEqualTo("ok");
      time.advance(Duration.ofSeconds(1));
      hasty.get("/v1/heaps");
    }
  }

  private PopItem lease(String payload) {
    make("orders");
    enqueue("orders", payload, 0);
    return pop();
  }

  private PopItem pop() {
    try (DisheapClient consumer = new DisheapClient(server)) {
      return consumer.receive("orders");
    }
  }

  private static JsonObject settlement(PopItem item) {
    return new JsonObject().put("topic", "orders").put("message_id", item.getMessageId()).put("lease_token", item.getLeaseToken());
  }

  private void make(String topic) {
    client.expect(201, "POST", "/v1/heaps", heap(topic, "MAX"));
  }

  private void enqueue(String topic, String payload, long priority) {
    client.post("/v1/enqueue", message(topic, payload).put("priority", priority));
  }

  private JsonArray peek(String topic) {
    return client.get("/v1/peek/" + topic).getJsonArray("messages");
  }

  private static List<String> payloads(JsonArray messages) {
    return messages.stream().map(one -> new String(Base64.getDecoder().decode(((JsonObject) one).getString("payload")), UTF_8)).toList();
  }

  private static JsonObject heap(String topic, String mode) {
    return new JsonObject().put("topic", topic).put("mode", mode);
  }

  private static JsonObject message(String topic, String payload) {
    return new JsonObject().put("topic", topic).put("payload", Base64.getEncoder().encodeToString(payload.getBytes(UTF_8)));
  }

  private static void assertError(JsonObject body, String code, String field) {
    assertThat(body.fieldNames()).containsExactly("error");
    JsonObject error = body.getJsonObject("error");
    assertThat(error.fieldNames()).containsExactlyInAnyOrder("code", "message", "details");
    assertThat(error.getString("code")).isEqualTo(code);
    assertThat(error.getString("message")).isNotEmpty();
    JsonObject detail = error.getJsonArray("details").getJsonObject(0);
    assertThat(detail.fieldNames()).containsExactlyInAnyOrder("field", "issue");
    assertThat(detail.getString("field")).isEqualTo(field);
    assertThat(detail.getString("issue")).isNotEmpty();
  }
}
