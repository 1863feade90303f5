package dev.tributary.filter;

import dev.tributary.error.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A place in JSON objects: names of members, each in the object that the one before has. Immutable. */
final class JsonPath {
  private static final String BEGIN = "$.";
  private static final Pattern DOT = Pattern.compile(".", Pattern.LITERAL);

  private final String[] names;
  private final byte[][] bytes;

  /**
   * The place {@code $.a.b}.
   *
   * @throws InvalidRequestException if it is none
   */
  JsonPath(String path) {
    this.names = path.startsWith(BEGIN) ? DOT.split(path.substring(BEGIN.length()), -1) : new String[] {""};
    for (String name : names) {
      if (name.isEmpty() || name.indexOf('[') >= 0 || name.indexOf(']') >= 0) {
        throw InvalidRequestException.of(path + " is not a path", "Write $. and the names of members of objects with dots between them, as in $.a.b");
      }
    }
    this.bytes = Arrays.stream(names).map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  }

  /** Whether these bytes are JSON, an object that has something there. */
  boolean isIn(byte[] json) {
    Reader reader = new Reader(json);
    return reader.isObject() && reader.value(0, 0) && reader.isOver() && reader.found;
  }

  /** Reads JSON without making anything of it. */
  private final class Reader {
    private static final int DEEPEST = 500;

    private final byte[] json;
    private int at;
    private boolean found;

    Reader(byte[] json) {
      this.json = json;
    }

    boolean isObject() {
      blanks();
      return peek() == '{';
    }

    boolean isOver() {
      blanks();
      return at == json.length;
    }

    private int peek() {
      return at < json.length ? json[at] : 0;
    }

    private boolean skip(char c) {
      boolean there = peek() == c;
      at += there ? 1 : 0;
      return there;
    }

    private void blanks() {
      while (at < json.length && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
        at++;
      }
    }

    /** A value whose members are those of this name, or of none that matters; false if it is no JSON. */
    boolean value(int name, int depth) {
      blanks();
      return switch (peek()) {
        case '{' -> depth < DEEPEST && object(name, depth + 1);
        case '[' -> depth < DEEPEST && array(depth + 1);
        case '"' -> string();
        case 't' -> word("true");
        case 'f' -> word("false");
        case 'n' -> word("null");
        default -> number();
      };
    }

    private boolean object(int name, int depth) {
      at++;
      blanks();
      if (skip('}')) {
        return true;
      }
      do {
        blanks();
        int begin = at + 1;
        if (peek() != '"' || !string()) {
          return false;
        }
        boolean named = name < names.length && isName(name, begin, at - 1);
        blanks();
        found |= named && name == names.length - 1;
        if (!skip(':') || !value(named ? name + 1 : names.length, depth)) {
          return false;
        }
        blanks();
      } while (skip(','));
      return skip('}');
    }

    private boolean array(int depth) {
      at++;
      blanks();
      if (skip(']')) {
        return true;
      }
      do {
        if (!value(names.length, depth)) {
          return false;
        }
        blanks();
      } while (skip(','));
      return skip(']');
    }

    private boolean isName(int name, int begin, int end) {
      for (int i = begin; i < end; i++) {
        if (json[i] == '\\') {
          return names[name].equals(unescaped(begin, end));
        }
      }
      return Arrays.equals(json, begin, end, bytes[name], 0, bytes[name].length);
    }

    private String unescaped(int begin, int end) {
      String raw = new String(json, begin, end - begin, StandardCharsets.UTF_8);
      StringBuilder text = new StringBuilder(raw.length());
      for (int i = 0; i < raw.length(); i++) {
        char c = raw.charAt(i);
        if (c == '\\') {
          c = raw.charAt(++i);
          switch (c) {
            case 'b' -> c = '\b';
            case 'f' -> c = '\f';
            case 'n' -> c = '\n';
            case 'r' -> c = '\r';
            case 't' -> c = '\t';
            case 'u' -> {
              c = (char) Integer.parseInt(raw.substring(i + 1, i + 5), 16);
              i += 4;
            }
            default -> {}
          }
        }
        text.append(c);
      }
      return text.toString();
    }

    private boolean string() {
      at++;
      while (at < json.length) {
        int c = json[at++];
        if (c == '"') {
          return true;
        } else if (c == '\\') {
          int escaped = peek();
          at++;
          if (escaped == 'u' ? !hexadecimal() : "\"\\/bfnrt".indexOf(escaped) < 0) {
            return false;
          }
        } else if (c >= 0 && c < ' ') {
          return false;
        }
      }
      return false;
    }

    private boolean hexadecimal() {
      int end = at + 4;
      while (at < end && Character.digit(peek(), 16) >= 0) {
        at++;
      }
      return at == end;
    }

    private boolean word(String word) {
      for (int i = 0; i < word.length(); i++) {
        if (!skip(word.charAt(i))) {
          return false;
        }
      }
      return true;
    }

    private boolean number() {
      skip('-');
      return (skip('0') || digits()) && (!skip('.') || digits()) && (!(skip('e') || skip('E')) || exponent());
    }

    private boolean exponent() {
      if (!skip('+')) {
        skip('-');
      }
      return digits();
    }

    private boolean digits() {
      int begin = at;
      while (peek() >= '0' && peek() <= '9') {
        at++;
      }
      return at > begin;
    }
  }
}
