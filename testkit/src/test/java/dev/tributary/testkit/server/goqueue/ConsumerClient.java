package dev.tributary.testkit.server.goqueue;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.spi.Deadline;
import dev.tributary.stream.Event;
import dev.tributary.testkit.VirtualTime;
import dev.tributary.testkit.server.EmbeddedServer;
import dev.tributary.vertx.internal.goqueue.wire.DeadLetterRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Consumes from a server as its routes want to be asked. */
final class ConsumerClient {
  private static final Duration SOON = Duration.ofSeconds(20);

  final EmbeddedServer server;
  final VirtualTime time;
  final GoQueueClient client;

  ConsumerClient(EmbeddedServer server, VirtualTime time) {
    this.server = server;
    this.time = time;
    this.client = new GoQueueClient(server);
  }

  static ResourceName stream(String topic) {
    return new ResourceName("default", "default", topic);
  }

  /** Behind the server's back. */
  void add(String topic, String... values) {
    for (String value : values) {
      add(topic, Event.builder(value.getBytes(UTF_8)).partition(0).build());
    }
  }

  void add(String topic, Event<byte[]> event) {
    server.transport().streams().orElseThrow().publish(stream(topic), List.of(event), deadline()).join().get(0).orThrow();
  }

  /** Behind the server's back. */
  void delete(String topic) {
    server.transport().admin().orElseThrow().delete(ResourceKind.STREAM, stream(topic), deadline()).join();
  }

  /** As they are read here. */
  List<DeadLetterRecord> deadLetters(String topic) {
    return client.values(topic, 0, 0).stream().map(value -> Objects.requireNonNull(DeadLetterRecord.parse(value))).toList();
  }

  OptionalLong committed(String topic, String group) {
    return server.transport().streams().orElseThrow().committed(stream(topic), group, 0, deadline()).join();
  }

  private Deadline deadline() {
    return Deadline.after(time, SOON);
  }

  JsonObject join(String group, String clientId, String topic) {
    return client.json.post(
        "/groups/" + group + "/join", new JsonObject().put("client_id", clientId).put("topics", new JsonArray().add(topic)));
  }

  String member(String group, String clientId, String topic) {
    return join(group, clientId, topic).getString("member_id");
  }

  /** What is there now. */
  JsonObject poll(String group, String member, String query) {
    return client.json.get("/groups/" + group + "/poll?timeout=0&member_id=" + member + query);
  }

  /** The same, of the first partition. */
  List<JsonObject> messages(String group, String member, String query) {
    JsonArray messages = poll(group, member, query).getJsonObject("messages").getJsonArray("0", new JsonArray());
    return messages.stream().map(JsonObject.class::cast).toList();
  }

  List<String> values(String group, String member) {
    return values(messages(group, member, ""));
  }

  static List<String> values(List<JsonObject> messages) {
    return messages.stream().map(message -> message.getString("value")).toList();
  }

  /** Asks, and waits until the server waits too. */
  CompletableFuture<HttpResponse<String>> pollLater(String group, String member, String query) {
    int before = time.pendingTimers();
    CompletableFuture<HttpResponse<String>> polling =
        CompletableFuture.supplyAsync(() -> client.json.send("GET", "/groups/" + group + "/poll?member_id=" + member + query, null));
    awaitWaiting(before, polling);
    return polling;
  }

  /** The same by a client that asks once, whatever happens to its connection. */
  Socket pollOnce(String group, String member, String query) throws IOException {
    int before = time.pendingTimers();
    Socket socket = new Socket(server.host(), server.httpPort());
    String request = "GET /groups/" + group + "/poll?member_id=" + member + query + " HTTP/1.1\r\nhost: server\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    awaitWaiting(before, new CompletableFuture<>());
    return socket;
  }

  /** There is a timer for each of the two that wait: the answer, and its next look. */
  private void awaitWaiting(int before, CompletableFuture<?> polling) {
    while (time.pendingTimers() < before + 2 && !polling.isDone()) {
      Thread.onSpinWait();
    }
  }

  static JsonObject receipt(JsonObject message) {
    return new JsonObject().put("receipt_handle", message.getString("receipt_handle"));
  }

  JsonObject ack(JsonObject message) {
    return client.json.post("/messages/ack", receipt(message));
  }

  JsonObject nack(JsonObject message, @Nullable String delay) {
    JsonObject body = receipt(message);
    return client.json.post("/messages/nack", delay == null ? body : body.put("delay", delay));
  }

  JsonObject reject(JsonObject message, String reason) {
    return client.json.post("/messages/reject", receipt(message).put("reason", reason));
  }

  JsonObject commit(String group, String member, String topic, long next) {
    return client.json.post("/groups/" + group + "/offsets", offsets(member, topic, "0", next));
  }

  static JsonObject offsets(String member, String topic, String partition, long next) {
    return new JsonObject()
        .put("member_id", member)
        .put("offsets", new JsonObject().put(topic, new JsonObject().put(partition, next)));
  }

  void heartbeat(String group, String member) {
    JsonObject body = new JsonObject().put("member_id", member).put("generation", generation(group));
    assertThat(client.json.post("/groups/" + group + "/heartbeat", body)).isEqualTo(new JsonObject().put("status", "ok"));
  }

  int generation(String group) {
    return client.json.get("/groups/" + group).getInteger("generation");
  }
}
