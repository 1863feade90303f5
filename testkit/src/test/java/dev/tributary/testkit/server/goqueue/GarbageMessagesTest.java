package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.Quirk;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent, it is answered, and never with what went wrong inside. */
@Timeout(120)
class GarbageMessagesTest {
  private static final int ROUNDS = 600;
  private static final List<String> FIELDS =
      List.of("name", "num_partitions", "retention_hours", "messages", "key", "value", "partition", "delay", "deliverAt", "priority");
  private static final List<String> METHODS = List.of("GET", "POST", "DELETE", "PUT");
  private static final List<String> SEGMENTS =
      List.of("topics", "a", "b", "partitions", "messages", "delayed", "0", "1", "-1", "99999999999", "x", "", "%20", "%C3%A4", "%2F", "..", "v1", "stats", "delay");
  private static final List<String> QUERIES =
      List.of("", "?", "?offset=1", "?offset=-1", "?limit=0", "?limit=99999999999", "?offset=%C3%A4&limit=", "?skip=1&limit=x", "?api_key=%00", "?&&==");

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isAnswered(boolean asShipped) {
    EmbeddedServer.Builder builder = EmbeddedServer.goqueue();
    try (EmbeddedServer server = (asShipped ? builder.emulate(Quirk.SHIPPED_GOQUEUE) : builder).start()) {
      GoQueueClient client = new GoQueueClient(server);
      client.create("a", 2);
      Random random = new Random(4);
      for (int i = 0; i < ROUNDS; i++) {
        String method = METHODS.get(random.nextInt(METHODS.size()));
        String path = path(random);
        String body = random.nextBoolean() ? Json.encode(value(random, 3)) : text(random);
        check(method + " " + path + " " + body, client.json.send(method, path, method.equals("GET") ? null : body));
      }
      client.json.send("POST", "/topics", "{\"name\":\"a\"}");
      for (int i = 0; i < ROUNDS; i++) {
        String path = random.nextInt(5) == 0 ? "/topics" : "/topics/a/messages";
        String body = new JsonObject().put("messages", new JsonArray().add(object(random, 2)).add(object(random, 2))).encode();
        check(path + " " + body, client.json.send("POST", path, random.nextInt(4) == 0 ? object(random, 2).encode() : body));
      }
    }
  }

  private static void check(String asked, HttpResponse<String> reply) {
    assertThat(reply.statusCode()).as(asked).isIn(200, 201, 400, 404, 405, 409, 500);
    assertThat(reply.body()).as(asked).doesNotContain("Exception", "\tat ", "java.");
    if (reply.statusCode() == 500) {
      assertThat(reply.body()).as(asked).containsAnyOf("invalid partition", "failed to publish to partition");
    }
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder(random.nextInt(3) > 0 ? "/topics/a" : "");
    for (int i = random.nextInt(5); i >= 0; i--) {
      path.append('/').append(SEGMENTS.get(random.nextInt(SEGMENTS.size())));
    }
    return path + QUERIES.get(random.nextInt(QUERIES.size()));
  }

  private static JsonObject object(Random random, int depth) {
    JsonObject object = new JsonObject();
    for (int i = random.nextInt(4); i >= 0; i--) {
      object.put(FIELDS.get(random.nextInt(FIELDS.size())), value(random, depth));
    }
    return object;
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 10 : 8)) {
      case 0 -> random.nextInt();
      case 1 -> random.nextLong();
      case 2 -> random.nextBoolean();
      case 3 -> random.nextDouble();
      case 4 -> text(random);
      case 5 -> List.of("1h", "-1h", "high", "2030-01-01T00:00:00Z", "a", "99999999h", "0.1ns").get(random.nextInt(7));
      case 6 -> random.nextInt(3);
      case 7 -> new BigInteger(200, random);
      case 8 -> object(random, depth - 1);
      default -> new JsonArray().add(value(random, depth - 1)).add(value(random, depth - 1));
    };
  }

  private static String text(Random random) {
    String letters = "{}[]\",:a1é\u0000\ud83d😀 ";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
