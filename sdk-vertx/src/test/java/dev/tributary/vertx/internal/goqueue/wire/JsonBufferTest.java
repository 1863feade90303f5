package dev.tributary.vertx.internal.goqueue.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonBufferTest {
  private static final byte[] OPEN = {'['};
  private static final byte[] CLOSE = {']'};

  private static String readBack(String text) {
    Buffer json = new JsonBuffer(0).raw(OPEN).string(text).raw(CLOSE).take().get();
    return new JsonArray(json).getString(0);
  }

  @Test
  void everyCharacterComesBackWhereverItStands() {
    for (int c = 0; c < 0x800; c++) {
      for (int before = 0; before < 9; before++) {
        String text = "x".repeat(before) + (char) c + "y".repeat(9 - before);
        assertThat(readBack(text)).isEqualTo(text);
      }
    }
  }

  @Test
  void anyTextComesBack() {
    Random random = new Random(4);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder();
      random.ints(random.nextInt(60), 0, 0x2000).map(c -> c % 3 == 0 ? c % 0x80 : c).forEach(text::appendCodePoint);
      text.appendCodePoint(0x1f600 + random.nextInt(50));
      assertThat(readBack(text.toString())).isEqualTo(text.toString());
    }
  }

  @Test
  void whatIsCutIsTakenOutAndWhatIsTakenIsNotWrittenOver() {
    JsonBuffer json = new JsonBuffer(4).string("first");
    int start = json.size();
    json.string("second");
    assertThat(new String(json.cut(start), StandardCharsets.US_ASCII)).isEqualTo("\"second\"");
    Buffer first = json.take().get();
    assertThat(json.size()).isZero();
    json.number(Long.MIN_VALUE);
    assertThat(first.toString()).isEqualTo("\"first\"");
    assertThat(json.take().get().toString()).isEqualTo("-9223372036854775808");
  }
}
