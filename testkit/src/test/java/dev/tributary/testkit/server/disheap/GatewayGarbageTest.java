package dev.tributary.testkit.server.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent to the gateway, it answers, and never that the fault is its own. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayGarbageTest {
  private static final int ROUNDS = 400;
  private static final Set<Integer> ANSWERS = Set.of(200, 201, 400, 404, 409, 412);
  private static final List<String> FIELDS =
      List.of(
          "topic",
          "mode",
          "partitions",
          "replication_factor",
          "top_k_bound",
          "description",
          "payload",
          "priority",
          "partition_key",
          "producer_id",
          "messages",
          "transaction_id",
          "message_id",
          "lease_token",
          "backoff_override",
          "reason",
          "extension");
  private static final List<String> ROUTES =
      List.of("/v1/heaps", "/v1/enqueue", "/v1/enqueue/batch", "/v1/ack", "/v1/nack", "/v1/extend", "/join");

  private EmbeddedServer server;
  private JsonClient client;

  @BeforeAll
  void start() {
    server = EmbeddedServer.of("disheap").start();
    client = new JsonClient(server);
    client.expect(201, "POST", "/v1/heaps", new JsonObject().put("topic", "orders").put("mode", "MAX"));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "true",
        "1",
        "\"text\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{}{}",
        "{\"topic\":}",
        "{\"topic\":\"orders\"",
        "{'topic':'orders'}",
        "{\"topic\":\"\\ud800\",\"payload\":\"YQ==\"}",
        "{\"topic\":\"orders\",\"payload\":\"YQ==\",\"priority\":NaN}",
        "{\"topic\":\"orders\",\"payload\":\"YQ==\",\"priority\":1e999999999}",
        "{\"topic\":\"orders\",\"payload\":\"YQ==\",\"priority\":-0.0}",
        "{\"topic\":\"orders\",\"payload\":\"YQ==\",\"priority\":1e3}",
        "\u0000\u0001\u0002",
      })
  void refusesWhatIsNoRequest(String body) {
    for (String route : ROUTES) {
      HttpResponse<String> refused = client.send("POST", route, body);
      assertThat(refused.statusCode()).as("%s %s: %s", route, body, refused.body()).isEqualTo(400);
    }
    assertThat(client.send("PATCH", "/v1/heaps/orders", body).statusCode()).isIn(ANSWERS);
  }

  @Test
  void refusesDepthsAndLengthsWithoutEnd() {
    String digits = "9".repeat(1 << 20);
    String deep = "[".repeat(1 << 20);
    String nested = "{\"topic\":".repeat(1 << 17);
    for (String route : ROUTES) {
      for (String body : List.of(deep, nested, "{\"priority\":" + digits + "}", "{\"" + digits + "\":1}", "{\"topic\":" + deep)) {
        assertThat(client.send("POST", route, body).statusCode()).as(route).isEqualTo(400);
      }
    }
  }

  /** The seed is printed with a failure, as the body is. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void answersWhateverIsSent(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      String route = ROUTES.get(random.nextInt(ROUTES.size()));
      String body = Json.encode(object(random, 3));
      if (random.nextInt(4) == 0) {
        body = damaged(body, random);
      }
      HttpResponse<String> answer = client.send("POST", route, body);
      if (answer.statusCode() == 500 && route.equals("/join")) {
        // What Raft refuses is a 500 by contract.
        assertThat(new JsonObject(answer.body()).getString("error")).contains("node");
        continue;
      }
      assertThat(answer.statusCode()).as("seed %d, %s %s: %s", seed, route, body, answer.body()).isIn(ANSWERS);
      assertThat(new JsonObject(answer.body()).isEmpty()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void answersWhateverIsAskedFor(long seed) {
    Random random = new Random(seed);
    List<String> methods = List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD");
    List<String> parts =
        List.of(
            "v1", "heaps", "orders", "purge", "peek", "stats", "", "%00", "%2F", "..", "a%20b", "%C3%A9", "x".repeat(300), "enqueue", "batch");
    List<String> queries =
        List.of(
            "",
            "?limit=-1",
            "?limit=9223372036854775808",
            "?confirm=true&confirm=false",
            "?page_size=%25zz",
            "?page_token=%FF",
            "?page_token=-5",
            "?=&&=",
            "?limit");
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder path = new StringBuilder("/v1");
      for (int i = random.nextInt(4); i >= 0; i--) {
        path.append('/').append(parts.get(random.nextInt(parts.size())));
      }
      String query = queries.get(random.nextInt(queries.size()));
      String method = methods.get(random.nextInt(methods.size()));
      HttpResponse<String> answer = client.send(method, path + query, null);
      assertThat(answer.statusCode()).as("seed %d, %s %s%s: %s", seed, method, path, query, answer.body()).isIn(ANSWERS);
    }
  }

  private static JsonObject object(Random random, int depth) {
    JsonObject object = new JsonObject();
    if (random.nextBoolean()) {
      object.put("topic", "orders").put("payload", "YQ==").put("message_id", "m").put("lease_token", "t").put("mode", "MIN");
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      object.put(FIELDS.get(random.nextInt(FIELDS.size())), value(random, depth));
    }
    return object;
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 14 : 12)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextInt();
      case 3 -> random.nextLong();
      case 4 -> new BigInteger(200, random);
      case 5 -> random.nextGaussian() * 1e300;
      case 6 -> "";
      case 7 -> "orders";
      case 8 -> text(random);
      case 9 -> "YQ==";
      case 10 -> random.nextInt(5);
      case 11 -> "topic" + random.nextInt(20);
      case 12 -> object(random, depth - 1);
      default -> {
        JsonArray array = new JsonArray();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(300); i > 0; i--) {
      text.append((char) random.nextInt(Character.MIN_SURROGATE));
    }
    return text.toString();
  }

  private static String damaged(String body, Random random) {
    StringBuilder damaged = new StringBuilder(body);
    for (int i = random.nextInt(3); i >= 0 && damaged.length() > 0; i--) {
      int at = random.nextInt(damaged.length());
      switch (random.nextInt(3)) {
        case 0 -> damaged.deleteCharAt(at);
        case 1 -> damaged.setCharAt(at, (char) random.nextInt(128));
        default -> damaged.setLength(at);
      }
    }
    return damaged.toString();
  }
}
