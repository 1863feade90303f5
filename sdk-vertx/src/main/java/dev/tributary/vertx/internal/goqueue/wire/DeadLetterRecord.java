package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tributary.error.ProtocolViolationException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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
    @Required @JsonProperty("original_topic") String topic,
    @Required @JsonProperty("original_partition") int partition,
    @Required @JsonProperty("original_offset") long offset,
    @JsonProperty("original_timestamp") Instant publishedAt,
    @JsonProperty("original_key") byte @Nullable [] key,
    @JsonProperty(value = "original_value", required = true) byte[] value,
    @JsonProperty("delivery_attempts") int attempts,
    @JsonProperty("first_delivery") Instant firstDelivery,
    @JsonProperty("last_delivery") Instant lastDelivery,
    @JsonProperty("last_consumer") String consumer,
    @JsonProperty("last_group") String group,
    String reason,
    @JsonProperty("last_error") @Nullable String error,
    @JsonProperty("dlq_time") Instant diedAt) {
  /** A consumer refused it. */
  public static final String REJECTED = "REJECTED";

  /** It was delivered as often as may be. */
  public static final String EXHAUSTED = "MAX_RETRIES_EXCEEDED";

  public DeadLetterRecord {
    publishedAt = orZero(publishedAt);
    firstDelivery = orZero(firstDelivery);
    lastDelivery = orZero(lastDelivery);
    diedAt = orZero(diedAt);
    key = key == null || key.length == 0 ? null : key;
    value = value == null ? new byte[0] : value;
    error = error == null || error.isEmpty() ? null : error;
  }

  private static Instant orZero(@Nullable Instant time) {
    return time == null ? GoTime.ZERO : time;
  }

  /** The topic of what dies in this one. */
  public static String topicOf(String topic) {
    return topic + ".dlq";
  }

  /** As JSON. */
  public String json() {
    return new String(Json.bytes(this), StandardCharsets.UTF_8);
  }

  /** Reads one; null if this is none, since anybody may publish to such a topic. It must say at least where the message was, and its value. */
  public static @Nullable DeadLetterRecord parse(String text) {
    try {
      return Json.read(text.getBytes(StandardCharsets.UTF_8), DeadLetterRecord.class);
    } catch (ProtocolViolationException isNone) {
      return null;
    }
  }
}
