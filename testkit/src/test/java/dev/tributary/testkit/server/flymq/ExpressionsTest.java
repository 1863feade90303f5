package dev.tributary.testkit.server.flymq;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.filter.EventFilter;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whether expressions mean what they mean to RE2, as servers and other clients of FlyMQ have it. */
class ExpressionsTest {
  private static final String[] PARTS = {
    "a", "b", "c", "K", "s", "1", "_", " ", "\n", "ä", "ſ", ".", "^", "$", "*", "+", "?", "??", "{2}", "{1,2}", "{0,}", "{,1}", "|", "(", ")", "(?:", "(?i)",
    "(?s:", "(?m)", "(?-i)", "(?P<n>", "[", "]", "[^", "-", "[a-c]", "[^a]", "[[:alpha:]]", "[\\d_]", "\\w", "\\W", "\\d", "\\s", "\\b", "\\B", "\\A", "\\z",
    "\\pL", "\\p{Lu}", "\\P{L}", "\\x41", "\\x{e4}", "\\n", "\\.", "\\Qa.\\E", "\\101", "\\1", "(?=", "\\"
  };

  private static final String[] TEXTS = {"a", "b", "c", "A", "k", "K", "K", "s", "S", "ſ", "1", "_", " ", "\n", "ä", "Ä", ".", "-", "😀", "ß"};

  private static String some(Random random, String[] of, int most) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(most); left >= 0; left--) {
      text.append(of[random.nextInt(of.length)]);
    }
    return text.toString();
  }

  private static @Nullable EventFilter ours(String expression) {
    try {
      return EventFilter.matching(expression);
    } catch (InvalidRequestException refused) {
      return null;
    }
  }

  private static @Nullable Pattern theirs(String expression) {
    try {
      return Pattern.compile(expression);
    } catch (PatternSyntaxException refused) {
      return null;
    }
  }

  @Test
  void whatIsTakenIsTakenThereAndFindsTheSame() {
    Random random = new Random(42);
    int compared = 0;
    int refused = 0;
    for (int i = 0; i < 6_000; i++) {
      String expression = some(random, PARTS, 8);
      EventFilter ours = ours(expression);
      Pattern theirs = theirs(expression);
      if (ours == null) {
        refused += theirs == null ? 0 : 1;
        continue;
      }
      assertThat(theirs).as("%s is refused by RE2", expression).isNotNull();
      for (int j = 0; j < 5; j++) {
        String text = some(random, TEXTS, 8);
        boolean found = theirs.matcher(text).find();
        assertThat(ours.accepts(text.getBytes(StandardCharsets.UTF_8), null)).as("%s in %s", expression, text).isEqualTo(found);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(5_000);
    assertThat(refused).as("of which only RE2 makes sense").isLessThan(60);
  }

  @Test
  void charactersThatDifferInCaseAreTheSameAsThere() {
    // RE2 for Java does not end where a script got its small letters later than it knows.
    for (int c = 1; c < 0x1000; c++) {
      String text = Character.toString(c);
      int upper = Character.toUpperCase(c);
      int lower = Character.toLowerCase(c);
      for (int other : new int[] {upper, lower, Character.toLowerCase(upper)}) {
        if (other != c) {
          Pattern theirs = Pattern.compile("(?i)^" + Pattern.quote(text));
          boolean same = theirs.matcher(Character.toString(other)).find();
          assertThat(EventFilter.containing(text).accepts(Character.toString(other).getBytes(StandardCharsets.UTF_8), null))
              .as("%x and %x", c, other)
              .isEqualTo(same);
        }
      }
    }
  }
}
