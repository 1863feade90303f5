package dev.tributary.testkit.server.goqueue.internal.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "{", "{\"a\"", "{\"a\":}", "[]", "\"a\"", "1", "true", "{'a':1}", "{\"a\":01}", "{\"a\":1", "nul"})
  void whatIsNoObjectIsMalformed(String text) {
    assertThatThrownBy(() -> JsonBody.of(text)).isInstanceOf(MalformedBody.class);
  }

  @Test
  void isNotReadDeeperThanAnybodyNeeds() {
    assertThatThrownBy(() -> JsonBody.of("{\"a\":" + "[".repeat(100_000))).isInstanceOf(MalformedBody.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":\"b\"}", " {\"A\":\"b\"} ", "{\"a\":\"b\"} and more", "{\"a\":\"b\"}{\"a\":\"c\"}", "{\"x\":[{}],\"a\":\"b\"}",
      "{\"A\":\"c\",\"a\":\"b\"}", "{\"a\":\"c\",\"A\":\"b\"}", "{\"A\":\"c\",\"a\":\"c\",\"A\":\"b\"}", "{\"a\":\"b\",\"A\":null}"})
  void namesMatchWhateverTheirCaseAndTheLastOneCounts(String text) {
    assertThat(JsonBody.of(text).text("a")).isEqualTo("b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "{\"a\":null}"})
  void nothingIsAsGoodAsNull(String text) {
    JsonBody body = JsonBody.of(text);
    assertThat(body.has("a")).isFalse();
    assertThat(body.text("a")).isEmpty();
    assertThat(body.number("a")).isZero();
    assertThat(body.int32("a")).isZero();
    assertThat(body.int16("a")).isZero();
    assertThat(body.flag("a")).isFalse();
    assertThat(body.flag("a", true)).isTrue();
    assertThat(body.texts("a")).isEmpty();
    assertThat(body.ints("a")).isEmpty();
    assertThat(body.objects("a")).isEmpty();
    assertThat(body.numbersByTopic("a")).isEmpty();
  }

  @Test
  void readsWhatItIsAskedFor() {
    JsonBody body =
        JsonBody.of(
            "{\"text\":\"t\",\"long\":9223372036854775807,\"int\":-2147483648,\"short\":32767,\"flag\":true,\"texts\":[\"a\",null],"
                + "\"ints\":[1,null],\"objects\":[{\"Id\":1},null],\"offsets\":{\"a\":{\"0\":5},\"A\":{\"1\":6},\"n\":null}}");
    assertThat(body.text("text")).isEqualTo("t");
    assertThat(body.number("long")).isEqualTo(Long.MAX_VALUE);
    assertThat(body.int32("int")).isEqualTo(Integer.MIN_VALUE);
    assertThat(body.int16("short")).isEqualTo(Short.MAX_VALUE);
    assertThat(body.flag("flag", false)).isTrue();
    assertThat(body.texts("texts")).isEqualTo(List.of("a", ""));
    assertThat(body.ints("ints")).isEqualTo(List.of(1, 0));
    assertThat(body.objects("objects").get(0).int32("id")).isEqualTo(1);
    assertThat(body.objects("objects").get(1).has("id")).isFalse();
    assertThat(body.numbersByTopic("offsets")).isEqualTo(Map.of("a", Map.of("0", 5L), "A", Map.of("1", 6L), "n", Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "\"a\"", "true", "[]", "{}", "[1]", "1.5", "1e3", "99999999999999999999", "3000000000", "40000", "{\"a\":1}"})
  void aValueOfAnotherTypeIsMalformed(String value) {
    JsonBody body = JsonBody.of("{\"a\":" + value + "}");
    boolean whole = value.matches("\\d{1,19}");
    refuses(body, !value.startsWith("\""), b -> b.text("a"));
    refuses(body, !whole, b -> b.number("a"));
    refuses(body, !whole || Long.parseLong(value) > Integer.MAX_VALUE, b -> b.int32("a"));
    refuses(body, !whole || Long.parseLong(value) > Short.MAX_VALUE, b -> b.int16("a"));
    refuses(body, !value.equals("true"), b -> b.flag("a"));
    refuses(body, !value.equals("[]"), b -> b.texts("a"));
    refuses(body, !value.startsWith("["), b -> b.ints("a"));
    refuses(body, !value.equals("[]"), b -> b.objects("a"));
    refuses(body, !value.equals("{}"), b -> b.numbersByTopic("a"));
  }

  private static void refuses(JsonBody body, boolean wrong, Consumer<JsonBody> question) {
    if (wrong) {
      assertThatThrownBy(() -> question.accept(body)).isInstanceOf(MalformedBody.class);
    } else {
      question.accept(body);
    }
  }

  @Test
  void halvesOfCharactersBecomeReplacements() {
    JsonBody body = JsonBody.of("{\"a\":\"x\\ud800y\\u0000\",\"b\":\"\\ud83d\\ude00\"}");
    assertThat(body.text("a")).isEqualTo("x\ufffdy\u0000");
    assertThat(body.text("b")).isEqualTo("\ud83d\ude00");
  }

  @ParameterizedTest
  @CsvSource({
    "/topics, invalid JSON: EOF",
    "/messages/ack, invalid request body",
    "/admin/keys, invalid request body: EOF",
  })
  void isToldInTheWordsOfTheRoute(String path, String told) {
    assertThat(new MalformedBody("EOF").text(path)).isEqualTo(told);
  }
}
