package dev.tributary.vertx.internal.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.vertx.internal.goqueue.wire.Garbage;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
  private static final int CASES = 10_000;

  private static String encode(byte[] value, Map<String, String> headers) {
    return new String(Envelope.text(value, headers), UTF_8);
  }

  private static Envelope decode(String text) {
    return Envelope.decode(text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "größe 😀", "\u0000", "{\"a\":1}", "{\"tributary\":2,\"text\":\"x\"}", "\ufffd"})
  void textGoesAsItIs(String text) {
    assertThat(encode(text.getBytes(UTF_8), Map.of())).isEqualTo(text);
    assertThat(text(decode(text))).isEqualTo(text);
    assertThat(decode(text).headers()).isEmpty();
  }

  @Test
  void headersAndBytesAreWrapped() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("b", "1");
    headers.put("a", "\"2\"\n");
    assertThat(encode("x\t<é>\u0001".getBytes(UTF_8), headers))
        .isEqualTo("{\"tributary\":1,\"headers\":{\"b\":\"1\",\"a\":\"\\\"2\\\"\\n\"},\"text\":\"x\\t<é>\\u0001\"}");
    assertThat(encode(new byte[] {(byte) 0xff, 0}, Map.of())).isEqualTo("{\"tributary\":1,\"base64\":\"/wA=\"}");
    assertThat(encode(new byte[] {(byte) 0xff}, Map.of("k", "")))
        .isEqualTo("{\"tributary\":1,\"headers\":{\"k\":\"\"},\"base64\":\"/w==\"}");
  }

  @Test
  void textThatLooksWrappedIsWrapped() {
    String sly = "{\"tributary\":1,\"text\":\"x\"}";
    String wrapped = encode(sly.getBytes(UTF_8), Map.of());
    assertThat(wrapped).startsWith("{\"tributary\":1,").isNotEqualTo(sly);
    assertThat(text(decode(wrapped))).isEqualTo(sly);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"tributary\":1,}",
        "{\"tributary\":1,\"text\":\"x\"} ",
        "{\"tributary\":1, \"text\":\"x\"}",
        "{\"tributary\":1,\"text\": \"x\"}",
        "{\"tributary\":1,\"text\":\"x\"",
        "{\"tributary\":1,\"text\":\"x",
        "{\"tributary\":1,\"text\":\"x\\",
        "{\"tributary\":1,\"text\":\"\\u12\"}",
        "{\"tributary\":1,\"text\":\"\\x\"}",
        "{\"tributary\":1,\"text\":\"\\ud800\"}",
        "{\"tributary\":1,\"text\":\"\n\"}",
        "{\"tributary\":1,\"text\":1}",
        "{\"tributary\":1,\"text\":\"x\",\"more\":1}",
        "{\"tributary\":1,\"text\":\"x\",\"headers\":{\"a\":\"b\"}}",
        "{\"tributary\":1,\"headers\":{},\"text\":\"x\"}",
        "{\"tributary\":1,\"headers\":{\"a\":1},\"text\":\"x\"}",
        "{\"tributary\":1,\"headers\":{\"a\":\"b\",\"a\":\"b\"},\"text\":\"x\"}",
        "{\"tributary\":1,\"headers\":{\"a\":\"b\"}}",
        "{\"tributary\":1,\"base64\":\"=\"}",
        "{\"tributary\":1,\"base64\":\"/w==\",\"text\":\"x\"}"
      })
  void whatIsNotExactlyAnEnvelopeIsText(String text) {
    assertThat(text(decode(text))).isEqualTo(text);
    assertThat(decode(text).headers()).isEmpty();
  }

  @Test
  void anyEscapeOfJsonIsRead() {
    Envelope opened = decode("{\"tributary\":1,\"headers\":{\"\\u0061\":\"\\/\"},\"text\":\"\\b\\f\\n\\r\\t\\\"\\\\\\u00E9\\ud83d\\ude00\"}");
    assertThat(text(opened)).isEqualTo("\b\f\n\r\t\"\\é😀");
    assertThat(opened.headers()).containsOnly(Map.entry("a", "/"));
  }

  @Test
  void headersWithHalfACharacterAreRefused() {
    assertThatThrownBy(() -> encode(new byte[0], Map.of("a", "\ud800"))).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> encode(new byte[0], Map.of("\udc00", ""))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void everythingIsReadBackAsItWas() {
    Random random = new Random(7);
    for (int i = 0; i < CASES; i++) {
      byte[] value = random.nextBoolean() ? Garbage.bytes(random) : Garbage.unicode(random).getBytes(UTF_8);
      Map<String, String> headers = new LinkedHashMap<>();
      for (int n = Math.max(0, random.nextInt(6) - 3); n > 0; n--) {
        headers.put(Garbage.unicode(random), Garbage.unicode(random));
      }
      String wire = encode(value, headers);
      Envelope read = decode(wire);
      assertThat(read.value()).isEqualTo(value);
      assertThat(read.headers()).containsExactlyEntriesOf(headers);
      assertThat(Text.isUnicode(wire)).isTrue();
      if (!headers.isEmpty()) {
        assertThat(new JsonObject(wire).getJsonObject("headers").size()).isEqualTo(headers.size());
      }
    }
  }

  @Test
  void garbageIsText() {
    Random random = new Random(8);
    String good = encode("x\"y".getBytes(UTF_8), Map.of("k", "v"));
    for (int i = 0; i < CASES; i++) {
      String garbage = Garbage.near(random, good, "{}\":,\\u0123abtex\n ");
      Envelope read = decode(garbage);
      if (read.headers().isEmpty() && !garbage.contains("\"text\":\"")) {
        assertThat(text(read)).isEqualTo(garbage);
      }
    }
  }

  private static String text(Envelope envelope) {
    return new String(envelope.value(), UTF_8);
  }

  @Test
  void bytesThatAreNoEnvelopeAreThemselves() {
    byte[] bytes = {(byte) 0xff, 0, '{'};
    assertThat(Envelope.bytes(bytes, Map.of())).isSameAs(bytes);
    assertThat(Envelope.decode(bytes).value()).isSameAs(bytes);
    byte[] likeOne = "{\"tributary\":1,".getBytes(UTF_8);
    byte[] wrapped = Envelope.bytes(likeOne, Map.of());
    assertThat(wrapped).isNotEqualTo(likeOne);
    assertThat(Envelope.decode(wrapped).value()).isEqualTo(likeOne);
    Envelope both = Envelope.decode(Envelope.bytes(bytes, Map.of("a", "b")));
    assertThat(both.value()).isEqualTo(bytes);
    assertThat(both.headers()).isEqualTo(Map.of("a", "b"));
  }
}
