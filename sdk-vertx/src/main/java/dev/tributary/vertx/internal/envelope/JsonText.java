package dev.tributary.vertx.internal.envelope;

import org.jspecify.annotations.Nullable;

/** JSON whose form is known to the last character: reads it piece by piece. */
final class JsonText {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final String text;
  private int at;

  JsonText(String text, int from) {
    this.text = text;
    this.at = from;
  }

  /** Writes a string. */
  static StringBuilder append(StringBuilder json, String string) {
    json.append('"');
    int done = 0;
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\') {
        continue;
      }
      json.append(string, done, i).append('\\');
      done = i + 1;
      switch (c) {
        case '\n' -> json.append('n');
        case '\r' -> json.append('r');
        case '\t' -> json.append('t');
        case '"', '\\' -> json.append(c);
        default -> json.append("u00").append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
    return json.append(string, done, string.length()).append('"');
  }

  /** Goes on behind this, if it is there. */
  boolean skip(String expected) {
    boolean there = text.startsWith(expected, at);
    if (there) {
      at += expected.length();
    }
    return there;
  }

  boolean atEnd() {
    return at == text.length();
  }

  /** A string; null if there is none, or one with half a surrogate pair. */
  @Nullable String string() {
    if (!skip("\"")) {
      return null;
    }
    int start = at;
    StringBuilder unescaped = null;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        String whole = unescaped == null ? text.substring(start, at) : unescaped.append(text, start, at).toString();
        at++;
        return Text.isUnicode(whole) ? whole : null;
      }
      if (c < ' ') {
        return null;
      }
      if (c == '\\') {
        unescaped = (unescaped == null ? new StringBuilder() : unescaped).append(text, start, at);
        at++;
        int meant = escaped();
        if (meant < 0) {
          return null;
        }
        unescaped.append((char) meant);
        start = at + 1;
      }
    }
    return null;
  }

  /** What stands behind a backslash; leaves the position at its last character. Negative for nothing that JSON knows. */
  private int escaped() {
    if (at == text.length()) {
      return -1;
    }
    return switch (text.charAt(at)) {
      case '"' -> '"';
      case '\\' -> '\\';
      case '/' -> '/';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> -1;
    };
  }

  private int unicode() {
    if (at + 4 >= text.length()) {
      return -1;
    }
    int code = 0;
    for (int i = 1; i <= 4; i++) {
      char c = text.charAt(at + i);
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      code = code << 4 | digit;
    }
    at += 4;
    return code;
  }
}
