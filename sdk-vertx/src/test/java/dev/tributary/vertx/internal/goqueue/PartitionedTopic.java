package dev.tributary.vertx.internal.goqueue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;

/** A topic of a scripted server: what its partitions hold now. What is not there at an offset is a hole. */
final class PartitionedTopic {
  private final String name;
  private final List<ConcurrentSkipListMap<Long, String>> partitions;
  private final Map<Integer, Map<Long, Instant>> delayed = new ConcurrentHashMap<>();
  private final Map<Integer, Long> earliest = new ConcurrentHashMap<>();
  private volatile boolean shortSighted;

  PartitionedTopic(ScriptedHttp server, String name, int partitions) {
    this.name = name;
    this.partitions = IntStream.range(0, partitions).mapToObj(i -> new ConcurrentSkipListMap<Long, String>()).toList();
    server.on("GET /topics/" + name, q -> new ScriptedHttp.Reply(200, details().encode()));
    server.on("GET /topics/" + name + "/delayed", q -> new ScriptedHttp.Reply(200, pending().encode()));
    for (int partition = 0; partition < partitions; partition++) {
      int number = partition;
      server.on("GET /topics/" + name + "/partitions/" + partition + "/messages", q -> new ScriptedHttp.Reply(200, page(number, q).encode()));
    }
    server.on("POST /topics/" + name + "/messages", q -> new ScriptedHttp.Reply(200, publish(q.json().getJsonArray("messages")).encode()));
  }

  void put(int partition, long offset) {
    partitions.get(partition).put(offset, "m" + offset);
    Map<Long, Instant> waiting = delayed.get(partition);
    if (waiting != null) {
      waiting.remove(offset);
    }
  }

  void fill(int partition, long from, long to) {
    for (long offset = from; offset < to; offset++) {
      put(partition, offset);
    }
  }

  void remove(int partition, long from, long to) {
    partitions.get(partition).subMap(from, to).clear();
  }

  void delay(int partition, long offset, Instant dueAt) {
    delayed.computeIfAbsent(partition, none -> new ConcurrentHashMap<>()).put(offset, dueAt);
  }

  void put(int partition, long offset, String value) {
    partitions.get(partition).put(offset, value);
  }

  /** What a partition holds. */
  List<String> values(int partition) {
    return List.copyOf(partitions.get(partition).values());
  }

  private JsonObject publish(JsonArray messages) {
    JsonArray results = new JsonArray();
    for (Object each : messages) {
      JsonObject message = (JsonObject) each;
      int partition = message.getInteger("partition", 0);
      var there = partitions.get(partition);
      long offset = there.isEmpty() ? 0 : there.lastKey() + 1;
      there.put(offset, message.getString("value"));
      results.add(new JsonObject().put("partition", partition).put("offset", offset));
    }
    return new JsonObject().put("results", results);
  }

  /** What lies before this is too old. */
  void keepsFrom(int partition, long offset) {
    partitions.get(partition).headMap(offset).clear();
    earliest.put(partition, offset);
  }

  /** From now on it looks at ten places for each message that is asked for, and no more. */
  void looksNoFurther() {
    shortSighted = true;
  }

  private long latest(int partition) {
    var messages = partitions.get(partition);
    long waiting = delayed.getOrDefault(partition, Map.of()).keySet().stream().mapToLong(offset -> offset).max().orElse(-1);
    return Math.max(waiting, messages.isEmpty() ? -1 : messages.lastKey());
  }

  private JsonObject details() {
    JsonObject offsets = new JsonObject();
    for (int partition = 0; partition < partitions.size(); partition++) {
      offsets.put("" + partition, new JsonObject().put("earliest", earliest.getOrDefault(partition, 0L)).put("latest", latest(partition)));
    }
    return new JsonObject().put("name", name).put("partitions", partitions.size()).put("partition_offsets", offsets);
  }

  private JsonObject page(int partition, ScriptedHttp.Asked request) {
    long offset = request.number("offset");
    JsonArray messages = new JsonArray();
    long next = offset;
    for (Map.Entry<Long, String> message : new TreeMap<>(partitions.get(partition).tailMap(offset)).entrySet()) {
      if (messages.size() == request.number("limit") || shortSighted && message.getKey() >= offset + 10 * request.number("limit")) {
        break;
      }
      messages.add(
          new JsonObject()
              .put("offset", message.getKey())
              .put("timestamp", Instant.ofEpochSecond(message.getKey()).toString())
              .put("value", message.getValue())
              .put("priority", "normal"));
      next = message.getKey() + 1;
    }
    return new JsonObject().put("messages", messages).put("next_offset", next);
  }

  private JsonObject pending() {
    JsonArray messages = new JsonArray();
    delayed.forEach(
        (partition, waiting) ->
            waiting.forEach(
                (offset, dueAt) ->
                    messages.add(
                        new JsonObject()
                            .put("topic", name)
                            .put("partition", partition)
                            .put("offset", offset)
                            .put("deliver_at", dueAt.toString())
                            .put("time_remaining", "0s")
                            .put("state", "pending"))));
    return new JsonObject().put("topic", name).put("messages", messages).put("count", messages.size());
  }
}
