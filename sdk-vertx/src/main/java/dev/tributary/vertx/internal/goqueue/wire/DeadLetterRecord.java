package dev.tributary.vertx.internal.goqueue.wire;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What the value of a message in a dead-letter topic says about the message that ended there.
 *
 * @param topic where it was
 * @param key null for none
 * @param value what was sent there: the text of its {@link Envelope}, in UTF-8
 * @param attempts how often it was delivered
 * @param consumer the member that had it last
 * @param reason {@link #REJECTED}, {@link #EXHAUSTED}, or what another server says
 * @param error what its consumer said, or null
 * @param diedAt when it was put there
 */
public record DeadLetterRecord(
    String topic,
    int partition,
    long offset,
    Instant publishedAt,
    byte @Nullable [] key,
    byte[] value,
    int attempts,
    Instant firstDelivery,
    Instant lastDelivery,
    String consumer,
    String group,
    String reason,
    @Nullable String error,
    Instant diedAt) {
  /** A consumer refused it. */
  public static final String REJECTED = "REJECTED";

  /** It was delivered as often as may be. */
  public static final String EXHAUSTED = "MAX_RETRIES_EXCEEDED";

  private static final String TOPIC = "original_topic";
  private static final String PARTITION = "original_partition";
  private static final String OFFSET = "original_offset";
  private static final String TIMESTAMP = "original_timestamp";
  private static final String KEY = "original_key";
  private static final String VALUE = "original_value";
  private static final String ATTEMPTS = "delivery_attempts";
  private static final String FIRST = "first_delivery";
  private static final String LAST = "last_delivery";
  private static final String CONSUMER = "last_consumer";
  private static final String GROUP = "last_group";
  private static final String REASON = "reason";
  private static final String ERROR = "last_error";
  private static final String DIED = "dlq_time";

  /** The topic of what dies in this one. */
  public static String topicOf(String topic) {
    return topic + ".dlq";
  }

  /** As JSON. */
  public String json() {
    JsonObject json =
        new JsonObject()
            .put(TOPIC, topic)
            .put(PARTITION, partition)
            .put(OFFSET, offset)
            .put(TIMESTAMP, GoTime.nanos(publishedAt));
    if (key != null && key.length > 0) {
      json.put(KEY, Base64.getEncoder().encodeToString(key));
    }
    json.put(VALUE, Base64.getEncoder().encodeToString(value))
        .put(ATTEMPTS, attempts)
        .put(FIRST, GoTime.nanos(firstDelivery))
        .put(LAST, GoTime.nanos(lastDelivery))
        .put(CONSUMER, consumer)
        .put(GROUP, group)
        .put(REASON, reason);
    if (error != null && !error.isEmpty()) {
      json.put(ERROR, error);
    }
    return json.put(DIED, GoTime.nanos(diedAt)).encode();
  }

  /** Reads one; null if this is none, since anybody may publish to such a topic. It must say at least where the message was, and its value. */
  public static @Nullable DeadLetterRecord parse(String text) {
    try {
      JsonObject json = new JsonObject(text);
      byte[] value = json.containsKey(VALUE) ? bytes(json, VALUE) : null;
      Number partition = json.getNumber(PARTITION);
      Number offset = json.getNumber(OFFSET);
      String topic = json.getString(TOPIC);
      if (topic == null || partition == null || offset == null || !json.containsKey(VALUE)) {
        return null;
      }
      return new DeadLetterRecord(
          topic,
          Math.toIntExact(partition.longValue()),
          offset.longValue(),
          time(json, TIMESTAMP),
          bytes(json, KEY),
          value == null ? new byte[0] : value,
          json.getInteger(ATTEMPTS, 0),
          time(json, FIRST),
          time(json, LAST),
          json.getString(CONSUMER, ""),
          json.getString(GROUP, ""),
          json.getString(REASON, ""),
          json.getString(ERROR),
          time(json, DIED));
    } catch (DecodeException | ClassCastException | IllegalArgumentException | ArithmeticException | DateTimeException isNone) {
      return null;
    }
  }

  private static byte @Nullable [] bytes(JsonObject json, String field) {
    String text = json.getString(field);
    return text == null ? null : Base64.getDecoder().decode(text);
  }

  private static Instant time(JsonObject json, String field) {
    String text = json.getString(field);
    return text == null ? GoTime.ZERO : GoTime.parse(text).toInstant();
  }
}
