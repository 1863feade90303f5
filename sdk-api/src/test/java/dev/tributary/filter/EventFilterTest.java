package dev.tributary.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventFilterTest {
  private static boolean passes(EventFilter filter, String value) {
    return filter.accepts(value.getBytes(StandardCharsets.UTF_8), null);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ';',
      value = {
        "zip;zipped;true",
        "ZIP;a Zip;true",
        "straße;STRAẞE;true",
        "ÄÖ;xäö;true",
        "k;K;true",
        "i;İ;false",
        "a.b;axb;false",
        "a.b;A.B;true",
        "aab;aaab;true",
        "zip;zi p;false",
        "😀;a😀b;true",
      })
  void textIsFoundInCapitalAndSmallLetters(String text, String value, boolean found) {
    assertThat(passes(EventFilter.containing(text), value)).isEqualTo(found);
    assertThat(EventFilter.containing(text).accepts(new byte[0], value.getBytes(StandardCharsets.UTF_8))).as("the key").isEqualTo(found);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ' ',
      value = {
        "^a+$ aaa true",
        "^a+$ aab false",
        "a|b xbx true",
        "^(a|bc)*d abcbcad true",
        "(?i)^ABC$ aBc true",
        "(?i:a)b Ab true",
        "(?i:a)b AB false",
        "a{2,3}b aab true",
        "^a{2,3}b aaaab false",
        "a{,3} a{,3} true",
        "[^a-c]x dx true",
        "^[^a-c]x ax false",
        "[]a] ] true",
        "[[:digit:]]{3} a123 true",
        "\\bfoo\\b a-foo-b true",
        "\\bfoo\\b afoo false",
        "\\Boo foo true",
        "\\x41\\x{1F600} A😀 true",
        "\\Qa.b\\E+ a.bb true",
        "\\Qa.b\\E axb false",
        "^\\pL\\p{Nd}\\PL ä1! true",
        "^(?:)*x x true",
        "^(|a)+$ aaa true",
        "(?P<n>a)(?<m>b) ab true",
        "\\w\\W\\d\\D a!1a true",
        "a.*?b axxb true",
      })
  void expressionsMeanWhatTheyMeanElsewhere(String expression, String value, boolean found) {
    assertThat(passes(EventFilter.matching(expression), value)).isEqualTo(found);
  }

  @Test
  void linesAreLinesOnlyIfThatIsSaid() {
    assertThat(passes(EventFilter.matching("^b$"), "a\nb\nc")).isFalse();
    assertThat(passes(EventFilter.matching("(?m)^b$"), "a\nb\nc")).isTrue();
    assertThat(passes(EventFilter.matching("a.b"), "a\nb")).isFalse();
    assertThat(passes(EventFilter.matching("(?s)a.b"), "a\nb")).isTrue();
    assertThat(passes(EventFilter.matching("(?s)a(?-s).b"), "a\nb")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a)\\1", "a(?=b)", "a(?!b)", "(?<=a)b", "(?>a)", "a**", "a++", "a?+", "*a", "a|*", "(", ")", "[a", "[b-a]", "\\", "\\y", "\\Z", "a{1001}",
        "a{3,2}", "(?z)a", "(?)", "\\p{Xx}", "[[:no:]]", "\\x{110000}", "(?P<a>b)(?P<a>c)", "((((a{50}){50}){50}){50})", "((((){1000}){1000}){1000})"
      })
  void whatCannotBeMatchedInTimeOrIsNoExpressionIsRefused(String expression) {
    assertThatThrownBy(() -> EventFilter.matching(expression))
        .isInstanceOfSatisfying(InvalidRequestException.class, refused -> assertThat(refused.hint()).isNotBlank());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = ' ',
      value = {
        "$.a {\"a\":null} true",
        "$.a.b {\"a\":{\"b\":1}} true",
        "$.a.b {\"x\":[1,-2.5e+3,true],\"a\":{\"c\":{},\"b\":[]}} true",
        "$.a.b {\"a\":[{\"b\":1}]} false",
        "$.a.b {\"b\":{\"a\":1}} false",
        "$.b {\"a\":{\"b\":1}} false",
        "$.a.b {\"a\":{\"\\u0062\":1}} true",
        "$.a {\"a\":1 false",
        "$.a {\"a\":1}x false",
        "$.a {\"a\":01} false",
        "$.a {\"a\":1,} false",
        "$.a [{\"a\":1}] false",
        "$.ä {\"ä\":1} true",
      })
  void aPathIsFoundInObjects(String path, String value, boolean found) {
    assertThat(passes(EventFilter.having(path), value)).isEqualTo(found);
  }

  @Test
  void aPathIsNotLookedForInKeysAndNotWithoutEnd() {
    assertThat(EventFilter.having("$.a").accepts(new byte[0], "{\"a\":1}".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(passes(EventFilter.having("$.a"), "{\"a\":" + "[".repeat(100_000))).isFalse();
    assertThat(passes(EventFilter.having("$.a"), " {\"a\" : " + "[".repeat(100) + "]".repeat(100) + " } ")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "$", "$.", "$.a.", "$..a", "$.a[0]", ".a"})
  void whatIsNoPathIsRefused(String path) {
    assertThatThrownBy(() -> EventFilter.having(path))
        .isInstanceOfSatisfying(InvalidRequestException.class, refused -> assertThat(refused.hint()).isNotBlank());
  }

  @Test
  void textThatIsNoneOrTooMuchIsRefused() {
    for (String text : List.of("", "x".repeat(4_001), "x".repeat(3_000), "\ud800")) {
      assertThatThrownBy(() -> EventFilter.containing(text)).isInstanceOf(InvalidRequestException.class);
    }
  }

  @Test
  void bytesThatAreNoTextAreCharactersThatCannotBeRead() {
    byte[] bytes = {'a', (byte) 0xff, (byte) 0xe2, (byte) 0x82, 'b', (byte) 0xc0};
    assertThat(EventFilter.matching("^a...b.$").accepts(bytes, null)).isTrue();
    assertThat(EventFilter.matching("\\x{fffd}b").accepts(bytes, null)).isTrue();
    assertThat(EventFilter.containing("b").accepts(bytes, null)).isTrue();
  }

  @Test
  void whatTakesOthersForEverTakesNoTime() {
    assertThat(passes(EventFilter.matching("^(a+)+$"), "a".repeat(200_000) + "b")).isFalse();
    assertThat(passes(EventFilter.matching("(a|b|ab)*c"), "ab".repeat(100_000))).isFalse();
  }

  @Test
  void moreStatesThanAreKeptAreWorkedOutAgain() {
    StringBuilder value = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      value.append("ab".charAt(Integer.bitCount(i * 0x9e3779b9) & 1));
    }
    assertThat(passes(EventFilter.matching("a[ab]{17}c"), value.toString())).isFalse();
    assertThat(passes(EventFilter.matching("a[ab]{17}c"), value + "a" + "b".repeat(17) + "c")).isTrue();
  }

  @Test
  void filtersOfOneTextAreOne() {
    assertThat(EventFilter.containing("a")).isEqualTo(EventFilter.containing("a")).hasSameHashCodeAs(EventFilter.containing("a"));
    assertThat(EventFilter.containing("a")).isNotEqualTo(EventFilter.matching("a")).hasToString("containing a");
  }
}
