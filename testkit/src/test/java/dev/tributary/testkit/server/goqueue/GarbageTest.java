package dev.tributary.testkit.server.goqueue;

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
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent to registries, transactions, traces and administration is answered, and never by a fault that nobody foresaw. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GarbageTest {
  private static final int ROUNDS = 400;
  private static final Set<Integer> ANSWERS = Set.of(200, 201, 400, 401, 403, 404, 405, 409, 422, 503);
  /** What is a server's error by contract. */
  private static final Pattern FORESEEN =
      Pattern.compile("unknown producer ID|invalid producer epoch|invalid transaction state for operation: .*|invalid partition .*");

  private static final List<String> ROUTES =
      List.of(
          "POST /schemas/subjects/orders/versions",
          "POST /schemas/subjects/orders",
          "POST /schemas/compatibility/subjects/orders/versions/latest",
          "POST /schemas/compatibility/subjects/orders/versions/1",
          "PUT /schemas/config",
          "PUT /schemas/config/orders",
          "POST /producers/init",
          "POST /producers/1/heartbeat",
          "POST /transactions/begin",
          "POST /transactions/publish",
          "POST /transactions/commit",
          "POST /transactions/abort",
          "POST /admin/tenants",
          "POST /admin/keys");

  private static final List<String> FIELDS =
      List.of(
          "schema",
          "compatibility",
          "transactional_id",
          "transaction_timeout_ms",
          "producer_id",
          "epoch",
          "topic",
          "partition",
          "partitions",
          "key",
          "value",
          "sequence",
          "dry_run",
          "id",
          "name",
          "roles",
          "expires_in",
          "principal",
          "operation");

  private static final List<String> KEYWORDS =
      List.of(
          "type", "properties", "required", "additionalProperties", "items", "enum", "pattern", "minLength", "maxItems", "minimum", "$ref",
          "definitions", "$defs", "oneOf", "allOf", "not", "$schema", "$id", "default", "title");

  private EmbeddedServer server;
  private JsonClient client;

  @BeforeAll
  void start() {
    server = EmbeddedServer.goqueue().token("root").start();
    client = new JsonClient(server).as("Bearer root");
    client.expect(201, "POST", "/topics", new JsonObject().put("name", "orders"));
    client.post("/producers/init", new JsonObject().put("transactional_id", "orders"));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void refusesWhatIsNoRequest() {
    for (String route : ROUTES) {
      for (String body : List.of(" ", "{", "\"text\"", "1", "[]", "nothing", "{\"a\":}", "\u0000", "[".repeat(1 << 19))) {
        assertThat(send(route, body).statusCode()).as("%s %s", route, body.length() > 20 ? "deep" : body).isEqualTo(400);
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
      if (random.nextInt(4) == 0 && !body.isEmpty()) {
        body = body.substring(0, random.nextInt(body.length())) + (char) random.nextInt(128) + body.substring(random.nextInt(body.length()));
      }
      check(send(route, body), "seed " + seed + ", " + route + " " + body);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void takesOrRefusesAnySchema(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      String definition = Json.encode(schema(random, 3));
      String body = new JsonObject().put("schema", definition).encode();
      String subject = "s" + random.nextInt(20);
      HttpResponse<String> answer = send("POST /schemas/subjects/" + subject + "/versions", body);
      assertThat(answer.statusCode()).as("seed %d, %s: %s", seed, definition, answer.body()).isIn(200, 409, 422);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8})
  void answersWhateverIsAskedFor(long seed) {
    Random random = new Random(seed);
    List<String> methods = List.of("GET", "DELETE", "PUT", "POST");
    List<String> roots = List.of("traces", "traces/search", "transactions", "schemas", "producers", "priority", "admin");
    List<String> parts =
        List.of(
            "subjects", "versions", "config", "ids", "stats", "latest", "-1", "orders", "", "%00", "%2F", "..", "a%20b", "%C3%A9",
            "x".repeat(300), "9223372036854775808", "0".repeat(32), "acls", "keys", "tenants", "topics");
    List<String> queries =
        List.of(
            "", "?limit=-1", "?limit=9223372036854775808", "?partition=x&topic=%00", "?start=2030-01-01T00:00:00Z&end=never", "?=&&=",
            "?status=error&consumer_group=%FF", "?start=2030-13-01T00:00:00Z&end=-999999999-01-01T00:00:00Z");
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder path = new StringBuilder("/" + roots.get(random.nextInt(roots.size())));
      for (int i = random.nextInt(4); i > 0; i--) {
        path.append('/').append(parts.get(random.nextInt(parts.size())));
      }
      path.append(queries.get(random.nextInt(queries.size())));
      String method = methods.get(random.nextInt(methods.size()));
      check(client.send(method, path.toString(), null), "seed " + seed + ", " + method + " " + path);
    }
  }

  private void check(HttpResponse<String> answer, String request) {
    if (answer.statusCode() == 500) {
      assertThat(new JsonObject(answer.body()).getString("error")).as(request).matches(FORESEEN);
    } else {
      assertThat(answer.statusCode()).as("%s: %s", request, answer.body()).isIn(ANSWERS);
    }
  }

  private HttpResponse<String> send(String route, String body) {
    int blank = route.indexOf(' ');
    return client.send(route.substring(0, blank), route.substring(blank + 1), body);
  }

  private static JsonObject object(Random random, int depth) {
    JsonObject object = new JsonObject();
    if (random.nextBoolean()) {
      object.put("transactional_id", "orders").put("producer_id", 1).put("topic", "orders").put("name", "orders");
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      object.put(FIELDS.get(random.nextInt(FIELDS.size())), value(random, depth));
    }
    return object;
  }

  private static JsonObject schema(Random random, int depth) {
    JsonObject schema = new JsonObject();
    for (int i = random.nextInt(4); i > 0; i--) {
      schema.put(KEYWORDS.get(random.nextInt(KEYWORDS.size())), random.nextBoolean() ? schemaValue(random, depth) : value(random, depth));
    }
    return schema;
  }

  private static Object schemaValue(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 4)) {
      case 0 -> List.of("string", "object", "integer", "array").get(random.nextInt(4));
      case 1 -> random.nextInt(5);
      case 2 -> List.of("#/definitions/a", "#/$defs/a", "#", "http://localhost/x", "#a").get(random.nextInt(5));
      case 3 -> new JsonArray().add("a").add("b");
      case 4 -> schema(random, depth - 1);
      case 5 -> new JsonObject().put("a", schema(random, depth - 1)).put("b", schema(random, depth - 1));
      default -> new JsonArray().add(schema(random, depth - 1));
    };
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 13 : 11)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextInt();
      case 3 -> random.nextLong();
      case 4 -> new BigInteger(200, random);
      case 5 -> random.nextGaussian() * 1e300;
      case 6 -> "";
      case 7 -> "orders";
      case 8 -> random.ints(random.nextInt(300), 0, Character.MIN_SURROGATE).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
      case 9 -> "{\"type\":\"object\"}";
      case 10 -> random.nextInt(5);
      case 11 -> object(random, depth - 1);
      default -> {
        JsonArray array = new JsonArray();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
    };
  }
}
