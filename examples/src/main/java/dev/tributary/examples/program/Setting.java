package dev.tributary.examples.program;

import dev.tributary.error.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/** What a program is told by system properties; an empty one is as good as none. */
public final class Setting {
  private static final int MAX_PORT = 65_535;

  private Setting() {}

  /** The text of this name, or null. */
  public static @Nullable String text(String name) {
    String value = System.getProperty(name, "").strip();
    return value.isEmpty() ? null : value;
  }

  /** The text of this name, or the other. */
  public static String text(String name, String otherwise) {
    String value = text(name);
    return value == null ? otherwise : value;
  }

  /** A whole number of at least {@code least}, or the other. */
  public static int number(String name, int otherwise, int least) {
    return number(name, otherwise, least, Integer.MAX_VALUE);
  }

  /** A port of at least {@code least}, or the other. */
  public static int port(int otherwise, int least) {
    return number("port", otherwise, least, MAX_PORT);
  }

  private static int number(String name, int otherwise, int least, int most) {
    String value = text(name);
    if (value == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notOne) {
      // As wrong as one out of bounds.
    }
    throw wrong(name, value, "a whole number from " + least + " to " + most);
  }

  /** Positive seconds, fractions too, or the other. */
  public static double seconds(String name, double otherwise) {
    String value = text(name);
    if (value == null) {
      return otherwise;
    }
    try {
      double seconds = Double.parseDouble(value);
      if (seconds > 0 && seconds < Integer.MAX_VALUE) {
        return seconds;
      }
    } catch (NumberFormatException notOne) {
      // As wrong as none.
    }
    throw wrong(name, value, "a positive number of seconds");
  }

  private static InvalidRequestException wrong(String name, String value, String right) {
    return InvalidRequestException.of(name + " is \"" + value + "\"", "Give " + right + ", as in -D" + name + "=…");
  }
}
