package dev.tributary.vertx.internal.flymq.wire;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the value of a record in a topic of dead letters says, as JSON. Clients put them there, in the first partition; servers only show them and put
 * them back.
 *
 * @param id names it among the letters of its topic
 * @param topic where it was
 * @param partition where it was there; -1 if that is not said, as other clients do not
 * @param offset where it was there
 * @param key its key; null if it had none, or if that is not said
 * @param payload its value
 * @param reason {@link #EXHAUSTED}, {@link #FAILED}, or what another client says
 * @param error what went wrong
 * @param retries how often it was tried again
 * @param firstFailedAt when it failed first; null if that is not said
 * @param lastFailedAt when it failed last; null if that is not said
 * @param headers what else is known of it
 */
public record DeadLetterRecord(
    String id,
    String topic,
    int partition,
    long offset,
    byte @Nullable [] key,
    byte[] payload,
    String reason,
    String error,
    int retries,
    @Nullable Instant firstFailedAt,
    @Nullable Instant lastFailedAt,
    Map<String, String> headers) {
  /** It was tried as often as may be. */
  public static final String EXHAUSTED = "max_retries_exceeded";

  /** It could not be processed. */
  public static final String FAILED = "processing_error";

  public DeadLetterRecord {
    headers = Map.copyOf(headers);
  }

  /** The topic of what dies in this one. */
  public static String topicOf(String topic) {
    return topic + ".dlq";
  }

  /** As JSON. */
  public byte[] json() {
    JsonObject json =
        new JsonObject()
            .put("id", id)
            .put("original_topic", topic)
            .put("original_offset", offset)
            .put("payload", text(payload))
            .put("reason", reason)
            .put("error_message", error)
            .put("retry_count", retries);
    if (partition >= 0) {
      json.put("original_partition", partition);
    }
    if (key != null) {
      json.put("original_key", text(key));
    }
    if (firstFailedAt != null) {
      json.put("first_failed_at", firstFailedAt.toString());
    }
    if (lastFailedAt != null) {
      json.put("last_failed_at", lastFailedAt.toString());
    }
    if (!headers.isEmpty()) {
      json.put("headers", new JsonObject(new TreeMap<>(headers)));
    }
    return json.toBuffer().getBytes();
  }

  /** Reads one; null if this is none, since anybody may publish to such a topic. It must say at least its id, where it was, and its value. */
  public static @Nullable DeadLetterRecord parse(byte[] value) {
    if (value.length == 0 || value[0] != '{') {
      return null;
    }
    try {
      JsonObject json = new JsonObject(Buffer.buffer(value));
      String id = json.getString("id");
      String topic = json.getString("original_topic");
      String payload = json.getString("payload");
      return id == null || topic == null || payload == null ? null : read(json, id, topic, bytes(payload));
    } catch (DecodeException | ClassCastException | IllegalArgumentException | DateTimeParseException isNone) {
      return null;
    }
  }

  private static DeadLetterRecord read(JsonObject json, String id, String topic, byte[] payload) {
    Map<String, String> headers = new TreeMap<>();
    json.getJsonObject("headers", new JsonObject()).forEach(header -> headers.put(header.getKey(), String.valueOf(header.getValue())));
    String key = json.getString("original_key");
    return new DeadLetterRecord(
        id,
        topic,
        json.getInteger("original_partition", -1),
        json.getLong("original_offset", 0L),
        key == null ? null : bytes(key),
        payload,
        json.getString("reason", ""),
        json.getString("error_message", ""),
        json.getInteger("retry_count", 0),
        time(json.getString("first_failed_at")),
        time(json.getString("last_failed_at")),
        headers);
  }

  private static String text(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] bytes(String text) {
    return Base64.getDecoder().decode(text);
  }

  private static @Nullable Instant time(@Nullable String text) {
    return text == null || text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
  }
}
