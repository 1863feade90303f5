package dev.tributary.vertx.internal.goqueue.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Murmur3Test {
  @ParameterizedTest
  @CsvSource({
    "'', 00000000",
    "a, 3c2569b2",
    "ab, 9bbfd75f",
    "abc, b3dd93fa",
    "abcd, 43ed676a",
    "user-100, 669441e1",
    "user-123, 9f709a47",
    "order-42, 4b11a18e",
    "é, 10110787",
    "'hello, world', 149bbb7f",
    "kkkkkkkkkkkkkkkkk, 57e60eac",
  })
  void hashesAsTheServerDoes(String key, String hash) {
    assertThat(Integer.toHexString(Murmur3.hash(key.getBytes(StandardCharsets.UTF_8)))).isEqualTo(Integer.toHexString(Integer.parseUnsignedInt(hash, 16)));
  }

  @Test
  void takesTheHashWithoutASign() {
    // 0x9bbfd75f is 2613040991, or -1681926305 with a sign.
    assertThat(Murmur3.partition("ab", 10)).isEqualTo(1);
    assertThat(Murmur3.partition("ab", 1)).isZero();
  }
}
