package dev.tributary.filter;

import dev.tributary.error.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which messages a reader wants, with {@code EVENT_FILTER}: the backend leaves the others out. It looks at the bytes of the value, as they are before
 * they are decoded, and at the key, never at headers: whether an event has headers makes no difference. Of an encrypted value it sees the ciphertext.
 *
 * <p>It looks at a message in a time in proportion to its size. Immutable; make it once.
 */
public final class EventFilter {
  private static final int MOST_CHARACTERS = 4_000;

  private final Meaning meaning;
  private final String text;
  private final @Nullable Automaton automaton;
  private final @Nullable JsonPath path;

  private EventFilter(Meaning meaning, String text, @Nullable Automaton automaton, @Nullable JsonPath path) {
    this.meaning = meaning;
    this.text = text;
    this.automaton = automaton;
    this.path = path;
  }

  /**
   * Messages whose value or key has this text in it, in capital or small letters: characters that differ only in case (by Unicode's simple folding)
   * are the same.
   *
   * @param text as UTF-8 in the value; up to 2000 characters, or fewer where the backend takes fewer
   */
  public static EventFilter containing(String text) {
    List<Expression> characters =
        checked("text", text).codePoints().mapToObj((IntFunction<Expression>) c -> new Expression.Chars(CodePoints.of(c, c).folded())).toList();
    return new EventFilter(Meaning.CONTAINING, text, new Automaton(new Expression.All(characters)), null);
  }

  /**
   * Messages whose value or key has something in it that matches this regular expression; {@code ^} and {@code $} are the ends of the whole.
   *
   * @param expression as RE2 and Go write it: without references to groups and without looking around, which take for ever with some values; refused if
   *     it has more than 4000 characters, or more than 2000 parts with all that it repeats
   */
  public static EventFilter matching(String expression) {
    return new EventFilter(Meaning.MATCHING, expression, new Automaton(ExpressionParser.parse(checked("expression", expression))), null);
  }

  /**
   * Messages whose value is a JSON object that has something at this place, be it null.
   *
   * @param path {@code $.a.b} for the member b of the object that is the member a; it leads into objects only
   */
  public static EventFilter having(String path) {
    return new EventFilter(Meaning.HAVING, path, null, new JsonPath(checked("path", path)));
  }

  private static String checked(String what, String text) {
    if (text.isEmpty() || text.length() > MOST_CHARACTERS) {
      throw InvalidRequestException.of("the " + what + " of a filter has " + text.length() + " characters", "Give 1 to " + MOST_CHARACTERS);
    }
    if (!text.equals(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))) {
      throw InvalidRequestException.of("the " + what + " of a filter has half a surrogate pair", "Use whole characters");
    }
    return text;
  }

  /** What its text is. */
  public enum Meaning {
    /** Text that a value or a key has in it. */
    CONTAINING,
    /** A regular expression that matches in a value or a key. */
    MATCHING,
    /** A place that a JSON value has. */
    HAVING
  }

  /** What its text is. */
  public Meaning meaning() {
    return meaning;
  }

  /** The text, the expression, or the path. */
  public String text() {
    return text;
  }

  /**
   * Whether it lets a message pass.
   *
   * @param value the bytes that the backend keeps, not decoded
   * @param key its bytes; null for none
   */
  public boolean accepts(byte[] value, byte @Nullable [] key) {
    return path != null ? path.isIn(value) : automaton != null && (automaton.isIn(value) || key != null && automaton.isIn(key));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EventFilter filter && meaning == filter.meaning && text.equals(filter.text);
  }

  @Override
  public int hashCode() {
    return Objects.hash(meaning, text);
  }

  @Override
  public String toString() {
    return meaning.name().toLowerCase(Locale.ROOT) + " " + text;
  }
}
