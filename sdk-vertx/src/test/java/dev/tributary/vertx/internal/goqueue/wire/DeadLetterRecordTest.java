package dev.tributary.vertx.internal.goqueue.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterRecordTest {
  private static final Instant TIME = Instant.parse("2026-03-01T09:30:00.5Z");

  @Test
  void isWrittenAsTheServerDoes() {
    JsonObject json = new JsonObject(dead("k".getBytes(UTF_8), "gone").json());
    assertThat(json.getMap())
        .containsOnlyKeys(
            "original_topic", "original_partition", "original_offset", "original_timestamp", "original_key", "original_value", "delivery_attempts",
            "first_delivery", "last_delivery", "last_consumer", "last_group", "reason", "last_error", "dlq_time");
    assertThat(json.getString("original_key")).isEqualTo("aw==");
    assertThat(json.getString("original_value")).isEqualTo("dg==");
    assertThat(json.getString("dlq_time")).isEqualTo("2026-03-01T09:30:00.5Z");
    assertThat(json.getLong("original_offset")).isEqualTo(Long.MAX_VALUE);
    assertThat(new JsonObject(dead(null, null).json()).getMap()).doesNotContainKeys("original_key", "last_error");
  }

  @Test
  void isReadBackAsItWas() {
    DeadLetterRecord written = dead("k".getBytes(UTF_8), "gone");
    assertThat(DeadLetterRecord.parse(written.json())).usingRecursiveComparison().isEqualTo(written);
    DeadLetterRecord bare = dead(null, null);
    assertThat(DeadLetterRecord.parse(bare.json())).usingRecursiveComparison().isEqualTo(bare);
  }

  @Test
  void saysLittleIfLittleIsThere() {
    DeadLetterRecord read = DeadLetterRecord.parse("{\"original_topic\":\"t\",\"original_partition\":1,\"original_offset\":2,\"original_value\":null}");
    assertThat(read.value()).isEmpty();
    assertThat(read.key()).isNull();
    assertThat(read.diedAt()).isEqualTo(GoTime.ZERO);
    assertThat(read.reason()).isEmpty();
    assertThat(read.attempts()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "null", "1", "[]", "\"x\"", "{}", "{", "hello",
        "{\"original_topic\":\"t\",\"original_partition\":1,\"original_offset\":2}",
        "{\"original_topic\":1,\"original_partition\":1,\"original_offset\":2,\"original_value\":7}",
        "{\"original_topic\":\"t\",\"original_partition\":\"1\",\"original_offset\":2,\"original_value\":\"\"}",
        "{\"original_topic\":\"t\",\"original_partition\":9999999999,\"original_offset\":2,\"original_value\":\"\"}",
        "{\"original_topic\":\"t\",\"original_partition\":1,\"original_offset\":2,\"original_value\":\"?\"}",
        "{\"original_topic\":\"t\",\"original_partition\":1,\"original_offset\":2,\"original_value\":\"\",\"dlq_time\":\"later\"}"
      })
  void anythingElseIsNone(String text) {
    assertThat(DeadLetterRecord.parse(text)).isNull();
  }

  @Test
  void garbageIsNoneOrOne() {
    Random random = new Random(9);
    String good = dead("k".getBytes(UTF_8), "gone").json();
    for (int i = 0; i < 10_000; i++) {
      String garbage = random.nextBoolean() ? Garbage.near(random, good, "{}[]\":,0123abnul-\\ ") : Garbage.any(random);
      DeadLetterRecord read = DeadLetterRecord.parse(garbage);
      if (read != null) {
        assertThat(DeadLetterRecord.parse(read.json())).usingRecursiveComparison().isEqualTo(read);
      }
    }
  }

  private static DeadLetterRecord dead(byte[] key, String error) {
    return new DeadLetterRecord(
        "orders", 3, Long.MAX_VALUE, TIME, key, "v".getBytes(UTF_8), 4, TIME.plusSeconds(1), TIME.plusSeconds(2), "c-1", "g", DeadLetterRecord.REJECTED, error, TIME);
  }
}
