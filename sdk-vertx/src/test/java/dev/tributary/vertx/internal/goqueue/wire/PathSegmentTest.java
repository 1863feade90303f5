package dev.tributary.vertx.internal.goqueue.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.vertx.internal.envelope.Text;
import java.net.URI;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathSegmentTest {
  @ParameterizedTest
  @CsvSource({
    "orders, orders",
    "workers@orders, workers@orders",
    "a:b+c-d_e.f~g$h&i=j, a:b+c-d_e.f~g$h&i=j",
    "'a,b;c', 'a,b;c'",
    "a b, a%20b",
    "größe, gr%C3%B6%C3%9Fe",
    "50%, 50%25",
    "what?, what%3F",
    "a#b, a%23b",
    "a%2Fb, a%252Fb",
    "..., ...",
    "(x)!*, %28x%29%21%2A",
    "😀, %F0%9F%98%80",
  })
  void escapesWhatMustBe(String name, String segment) {
    assertThat(PathSegment.encode(name)).isEqualTo(segment);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/", "\ud800", "a\udc00b"})
  void refusesWhatCannotBeAddressed(String name) {
    assertThatThrownBy(() -> PathSegment.encode(name)).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void everyOtherNameIsReadBackAsItWas() {
    Random random = new Random(6);
    for (int i = 0; i < 10_000; i++) {
      String name = Garbage.any(random);
      try {
        assertThat(URI.create("http://h/" + PathSegment.encode(name)).getPath()).isEqualTo("/" + name);
      } catch (InvalidRequestException refused) {
        assertThat(name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..") || !Text.isUnicode(name)).isTrue();
      }
    }
  }
}
