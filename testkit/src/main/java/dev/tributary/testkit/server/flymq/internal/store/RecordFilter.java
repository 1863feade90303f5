package dev.tributary.testkit.server.flymq.internal.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Which records somebody wants: whose value is JSON and has what is at {@code $.a.b}; or whose value or key has the text in it, in capital or
 * small letters; or matches it as a regular expression, which takes time in proportion to the value, whatever the expression is.
 */
final class RecordFilter {
  private static final String PATH = "$.";
  /** An expression that would take more for each character of a value is only text. */
  private static final int MOST_COST = 1_000;

  private static final java.util.regex.Pattern REPEATS = java.util.regex.Pattern.compile("[{,](\\d{1,9})");
  private static final JsonFactory JSON = new JsonFactory();

  private final String text;
  private final String @Nullable [] path;
  private final @Nullable Pattern pattern;

  RecordFilter(String filter) {
    this.text = filter.toLowerCase(Locale.ROOT);
    this.path = filter.startsWith(PATH) ? filter.substring(PATH.length()).split("\\.", -1) : null;
    this.pattern = path == null ? compile(filter) : null;
  }

  private static @Nullable Pattern compile(String filter) {
    try {
      return cost(filter) > MOST_COST ? null : Pattern.compile(filter);
    } catch (PatternSyntaxException onlyText) {
      return null;
    }
  }

  /** About how many states an expression has: one for each character, times what it repeats. */
  private static long cost(String filter) {
    long cost = filter.length();
    Matcher repeats = REPEATS.matcher(filter);
    while (cost <= MOST_COST && repeats.find()) {
      cost *= Math.max(1, Integer.parseInt(repeats.group(1)));
    }
    return cost;
  }

  boolean accepts(byte[] key, byte[] value) {
    if (path != null && value.length > 0 && value[0] == '{' && hasPath(value, path)) {
      return true;
    }
    return accepts(new String(value, StandardCharsets.UTF_8)) || accepts(new String(key, StandardCharsets.UTF_8));
  }

  private boolean accepts(String part) {
    return part.toLowerCase(Locale.ROOT).contains(text) || pattern != null && pattern.matcher(part).find();
  }

  private static boolean hasPath(byte[] json, String[] path) {
    try (JsonParser parser = JSON.createParser(json)) {
      boolean found = parser.nextToken() == JsonToken.START_OBJECT && inObject(parser, path, 0);
      return parser.nextToken() == null && found;
    } catch (IOException noJson) {
      return false;
    }
  }

  /** Whether the object that has begun has the rest of the path; it is read to its end, as it has to be JSON as a whole. */
  private static boolean inObject(JsonParser parser, String[] path, int depth) throws IOException {
    boolean found = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean named = parser.currentName().equals(path[depth]);
      JsonToken value = parser.nextToken();
      if (named && depth + 1 < path.length && value == JsonToken.START_OBJECT) {
        found |= inObject(parser, path, depth + 1);
      } else {
        found |= named && depth + 1 == path.length;
        parser.skipChildren();
      }
    }
    return found;
  }
}
