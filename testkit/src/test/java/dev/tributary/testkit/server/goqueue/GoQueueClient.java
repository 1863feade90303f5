package dev.tributary.testkit.server.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.testkit.server.JsonClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks a server as the routes of messages want to be asked. */
final class GoQueueClient {
  final JsonClient json;

  GoQueueClient(EmbeddedServer server) {
    this.json = new JsonClient(server);
  }

  void create(String topic, int partitions) {
    json.expect(201, "POST", "/topics", new JsonObject().put("name", topic).put("num_partitions", partitions));
  }

  static JsonObject message(String value) {
    return new JsonObject().put("value", value);
  }

  /** The results, one for each. */
  List<JsonObject> publish(String topic, JsonObject... messages) {
    JsonArray all = new JsonArray();
    Stream.of(messages).forEach(all::add);
    return objects(json.post("/topics/" + topic + "/messages", new JsonObject().put("messages", all)), "results");
  }

  /** The result, which must be a failure, and is at no place. */
  String refused(String topic, JsonObject message) {
    JsonObject result = publish(topic, message).get(0);
    assertThat(result.fieldNames()).containsExactly("partition", "offset", "error");
    assertThat(result.getInteger("partition")).isZero();
    assertThat(result.getInteger("offset")).isZero();
    return result.getString("error");
  }

  JsonObject read(String topic, int partition, String query) {
    return json.get("/topics/" + topic + "/partitions/" + partition + "/messages" + query);
  }

  List<String> values(String topic, int partition, long offset) {
    return objects(read(topic, partition, "?offset=" + offset), "messages").stream().map(message -> message.getString("value")).toList();
  }

  static List<JsonObject> objects(JsonObject body, String name) {
    return body.getJsonArray(name).stream().map(JsonObject.class::cast).toList();
  }

  /** What a route says of a request that it does not serve. */
  String error(int status, String method, String path, @Nullable String body) {
    HttpResponse<String> reply = json.send(method, path, body);
    assertThat(reply.statusCode()).as("%s %s: %s", method, path, reply.body()).isEqualTo(status);
    assertThat(reply.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(reply.body()).endsWith("\n");
    JsonObject error = new JsonObject(reply.body());
    assertThat(error.fieldNames()).containsExactly("error", "status");
    assertThat(error.getInteger("status")).isEqualTo(status);
    return error.getString("error");
  }
}
