package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.filter.EventFilter;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which records somebody wants: whose value is JSON and has what is at {@code $.a.b}; or whose value or key has the text in it, in capital or
 * small letters; or matches it as a regular expression. A text that is no expression, or too large a one, is only a text.
 */
final class RecordFilter {
  private static final String PATH = "$.";

  private final EventFilter text;
  private final @Nullable EventFilter path;
  private final @Nullable EventFilter expression;

  RecordFilter(String filter) {
    EventFilter known = only(EventFilter::containing, filter);
    if (known == null) {
      throw new Refusal("filter too long");
    }
    boolean leads = filter.startsWith(PATH);
    this.text = known;
    this.path = leads ? only(EventFilter::having, filter) : null;
    this.expression = leads ? null : only(EventFilter::matching, filter);
  }

  private static @Nullable EventFilter only(Function<String, EventFilter> meaning, String filter) {
    try {
      return meaning.apply(filter);
    } catch (InvalidRequestException none) {
      return null;
    }
  }

  boolean accepts(byte[] key, byte[] value) {
    return path != null && value.length > 0 && value[0] == '{' && path.accepts(value, null)
        || text.accepts(value, key)
        || expression != null && expression.accepts(value, key);
  }
}
