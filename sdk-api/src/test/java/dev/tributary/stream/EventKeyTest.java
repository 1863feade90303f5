package dev.tributary.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventKeyTest {
  private static final EventKey NO_TEXT = EventKey.of(new byte[] {0, (byte) 0xff});

  @ParameterizedTest
  @ValueSource(strings = {"", "user-123", "größe", "\u0000", "≥", "\uffff", "\ufffd", "a😀b", "\ud83d half", "half \ud83d"})
  void textIsItsBytes(String text) {
    EventKey key = EventKey.of(text);
    assertThat(key.size()).isEqualTo(text.getBytes(UTF_8).length);
    assertThat(key.bytes()).isEqualTo(text.getBytes(UTF_8));
    assertThat(key.isText()).isTrue();
    assertThat(key.text()).isEqualTo(text).hasToString(key.toString());
    EventKey same = EventKey.of(text.getBytes(UTF_8));
    assertThat(same).isEqualTo(key).hasSameHashCodeAs(key);
    assertThat(same.size()).isEqualTo(key.size());
  }

  @Test
  void whatIsNoTextIsNeverGivenAsSome() {
    assertThat(NO_TEXT.isText()).isFalse();
    assertThatThrownBy(NO_TEXT::text).isInstanceOf(InvalidRequestException.class).hasMessageContaining("0x00ff").hasMessageContaining("bytes()");
    assertThat(NO_TEXT.bytes()).containsExactly(0, 0xff);
    assertThat(NO_TEXT).hasToString("0x00ff").isNotEqualTo(EventKey.of(new byte[] {0, (byte) 0xfe})).isNotEqualTo(EventKey.of("0x00ff"));
    assertThat(EventKey.of(new byte[] {-1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})).hasToString("0xff0102030405060708090a0b0c0d0e0f…");
  }

  @Test
  void bytesThatWereGivenMayBeUsedAgain() {
    byte[] given = {1, 2};
    EventKey key = EventKey.of(given);
    given[0] = 9;
    assertThat(key.bytes()).containsExactly(1, 2);
    byte[] other = {3};
    Event<String> event = Event.builder("v").key(other).build();
    other[0] = 9;
    assertThat(event.key()).isEqualTo(EventKey.of(new byte[] {3}));
    assertThat(event.toBuilder().key((String) null).build().key()).isNull();
  }
}
