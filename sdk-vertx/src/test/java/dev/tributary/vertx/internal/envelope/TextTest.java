package dev.tributary.vertx.internal.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TextTest {
  /** Where what may stand in a sequence begins and ends. */
  private static final int[] EDGES = {
    0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
  };

  private final CharsetDecoder strict = UTF_8.newDecoder();
  private final CharBuffer decoded = CharBuffer.allocate(8);

  @Test
  void isTextExactlyIfTheJdkDecodesIt() {
    byte[] bytes = new byte[5];
    for (int a : EDGES) {
      for (int b : EDGES) {
        for (int c : EDGES) {
          for (int d : EDGES) {
            bytes[0] = 'x';
            bytes[1] = (byte) a;
            bytes[2] = (byte) b;
            bytes[3] = (byte) c;
            bytes[4] = (byte) d;
            for (int length = 1; length <= bytes.length; length++) {
              check(Arrays.copyOf(bytes, length));
            }
          }
        }
      }
    }
  }

  @Test
  void everyCharacterIsText() {
    for (int code = 0; code <= Character.MAX_CODE_POINT; code++) {
      if (code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE) {
        byte[] utf8 = Character.toString(code).getBytes(UTF_8);
        if (!Text.isUtf8(utf8)) {
          throw new AssertionError(Integer.toHexString(code));
        }
      }
    }
  }

  @Test
  void halvesOfSurrogatePairsAreReplaced() {
    assertThat(Text.whole("a\ud800b\ud83d\ude00\udc00")).isEqualTo("a\ufffdb\ud83d\ude00\ufffd");
    String whole = "gr\u00f6\u00dfe";
    assertThat(Text.whole(whole)).isSameAs(whole);
  }

  private void check(byte[] bytes) {
    boolean malformed = strict.reset().decode(ByteBuffer.wrap(bytes), decoded.clear(), true).isError();
    if (Text.isUtf8(bytes) == malformed) {
      throw new AssertionError(Arrays.toString(bytes));
    }
  }
}
