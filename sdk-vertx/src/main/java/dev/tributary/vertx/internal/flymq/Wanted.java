package dev.tributary.vertx.internal.flymq;

import dev.tributary.filter.EventFilter;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter on this wire, where one text has three meanings at once, and a server sees a value with headers in its envelope. So a server is given an
 * expression that lets pass what is wanted, every envelope, and little else; what comes is looked at once more.
 *
 * @param filter null for everything
 * @param wire what a server is asked for; empty for everything
 */
record Wanted(@Nullable EventFilter filter, String wire) {
  static final Wanted ALL = new Wanted(null, "");

  /** How envelopes begin. */
  private static final String ENVELOPE = "^\\{\"tributary\":1,|";

  /** What has a meaning in expressions. */
  private static final String SPECIAL = "\\.+*?()|[]{}^$";

  /**
   * What a reader wants.
   *
   * @throws dev.tributary.error.InvalidRequestException if no server would take it
   */
  static Wanted of(@Nullable EventFilter filter) {
    if (filter == null) {
      return ALL;
    }
    String wire =
        ENVELOPE
            + switch (filter.meaning()) {
              case CONTAINING -> "(?i:" + quoted(filter.text()) + ")";
              case MATCHING -> "(?:" + filter.text() + ")";
              case HAVING -> "(?s:^\\s*\\{.*(?:" + names(filter.text()) + "|\\\\))";
            };
    // Else it would be no more than a text to a server, and nothing would have that.
    EventFilter.matching(wire);
    return new Wanted(filter, wire);
  }

  /** The names of a path, in their order; they may also be written with escapes. */
  private static String names(String path) {
    return String.join(".*", List.of(path.substring(2).split("\\.")).stream().map(name -> '"' + quoted(name) + '"').toList());
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 8);
    text.codePoints()
        .forEach(
            c -> {
              if (SPECIAL.indexOf(c) >= 0) {
                quoted.append('\\');
              }
              quoted.appendCodePoint(c);
            });
    return quoted.toString();
  }

  /** Whether a message that came is wanted. */
  boolean has(Message<byte[]> message) {
    EventKey key = message.key();
    return filter == null || filter.accepts(message.value(), key == null ? null : key.bytes());
  }
}
