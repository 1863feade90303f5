package dev.tributary.vertx.internal.goqueue.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as a server reads them. */
class RequestsTest {
  private static <T> T read(String json, Class<T> type) {
    return Json.readRequest(Buffer.buffer(json), type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "{", "{\"receipt_handle\"", "{\"receipt_handle\":}", "[]", "\"a\"", "1", "true", "{'a':1}", "{\"a\":01}", "{\"a\":1", "nul"})
  void whatIsNoObjectIsRefused(String text) {
    assertThatThrownBy(() -> read(text, Messages.Ack.class)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isNotReadDeeperThanAnybodyNeeds() {
    assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(100_000), Messages.Ack.class)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"receipt_handle\":\"b\"}",
        " {\"Receipt_Handle\":\"b\"} ",
        "{\"receipt_handle\":\"b\"} and more",
        "{\"receipt_handle\":\"b\"}{\"receipt_handle\":\"c\"}",
        "{\"x\":[{}],\"receipt_handle\":\"b\"}",
      })
  void namesMatchWhateverTheirCase(String text) {
    assertThat(read(text, Messages.Ack.class)).isEqualTo(new Messages.Ack("b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "{\"client_id\":null,\"topics\":null,\"producer_id\":null,\"epoch\":null,\"offsets\":null}"})
  void nothingIsAsGoodAsNull(String text) {
    assertThat(read(text, Messages.Join.class)).isEqualTo(new Messages.Join("", List.of(), ""));
    assertThat(read(text, Messages.Transact.class)).isEqualTo(new Messages.Transact(0, 0, ""));
    assertThat(read(text, Messages.Commit.class)).isEqualTo(new Messages.Commit("", Map.of()));
    assertThat(read(text, Messages.Publish.class)).isEqualTo(new Messages.Publish(List.of()));
    assertThat(read(text, Messages.NewTopic.class)).isEqualTo(new Messages.NewTopic("", 0, null));
  }

  @Test
  void readsWhatItIsAskedFor() {
    assertThat(read("{\"client_id\":\"c\",\"topics\":[\"a\",null]}", Messages.Join.class)).isEqualTo(new Messages.Join("c", List.of("a", ""), ""));
    assertThat(read("{\"producer_id\":9223372036854775807,\"epoch\":-2147483648}", Messages.Transact.class))
        .isEqualTo(new Messages.Transact(Long.MAX_VALUE, Integer.MIN_VALUE, ""));
    assertThat(read("{\"member_id\":\"m\",\"offsets\":{\"a\":{\"0\":5},\"A\":{\"x\":6},\"n\":null}}", Messages.Commit.class))
        .as("names of topics count as they are written")
        .isEqualTo(new Messages.Commit("m", Map.of("a", Map.of("0", 5L), "A", Map.of("x", 6L), "n", Map.of())));
    assertThat(read("{\"offsets\":{\"a\":{\"0\":null}}}", Messages.Commit.class).offsets()).isEqualTo(Map.of("a", Map.of("0", 0L)));
    assertThat(read("{\"messages\":[null]}", Messages.Publish.class).messages()).containsExactly((Messages.NewMessage) null);
    assertThat(read("{\"messages\":[{\"Value\":\"v\",\"deliverat\":\"soon\"}]}", Messages.Publish.class).messages().get(0).deliverAt())
        .isEqualTo("soon");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'receipt_handle':7} | receipt_handle is not a text but 7",
        "{'receipt_handle':true} | receipt_handle is not a text but true",
        "{'receipt_handle':[]} | receipt_handle is not a text but an array",
        "{'extension_seconds':'7'} | extension_seconds is not an integer but 7",
        "{'extension_seconds':1.5} | extension_seconds is not an integer but 1.5",
        "{'extension_seconds':99999999999999999999} | extension_seconds is not an integer but 99999999999999999999",
        "{'extension_seconds':{}} | extension_seconds is not an integer but an object",
      })
  void aValueOfAnotherTypeIsRefusedInWords(String json, String told) {
    assertThatThrownBy(() -> read(json.replace('\'', '"'), Messages.Extend.class)).hasMessage(told);
  }

  @Test
  void halvesOfCharactersBecomeReplacements() {
    assertThat(read("{\"receipt_handle\":\"x\\ud800y\\u0000\"}", Messages.Ack.class).receiptHandle()).isEqualTo("x\ufffdy\u0000");
    assertThat(read("{\"receipt_handle\":\"\\ud83d\\ude00\"}", Messages.Ack.class).receiptHandle()).isEqualTo("\ud83d\ude00");
  }
}
